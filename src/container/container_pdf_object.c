/* container_pdf_object.c - the objects of a PDF. Tables of references are ignored, since they lie:
 * every "N G obj" in the file is an object, the last one of a number counts, and object streams add
 * theirs. */
#include "container/container_pdf.h"

#include "base/mem.h"

#define STREAMS_MAX     65536u
#define PACKED_MAX      65536u /* objects in one object stream */
#define TRAILERS_MAX    64u
#define LOOKAHEAD_BYTES 600u

static struct hn_text text_at(struct hn_bytes bytes, size_t at, size_t len)
{
    return hn_text_sub(hn_bytes_as_text(bytes), at, len);
}

/* ---- The list ---- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f';
}

/* The number that ends before `at` behind blanks; false: there is none. */
static bool number_before(struct hn_bytes data, size_t *at, uint32_t *ret_number)
{
    size_t end = *at;
    size_t start;
    uint64_t number = 0;

    while (end > 0 && is_blank(data.ptr[end - 1]))
        end--;
    start = end;
    while (start > 0 && end - start < 10 && is_digit(data.ptr[start - 1]))
        start--;
    if (start == end)
        return false;
    for (size_t i = start; i < end; i++)
        number = number * 10 + (uint64_t)(data.ptr[i] - '0');
    *at = start;
    *ret_number = (uint32_t)number;
    return number <= UINT32_MAX;
}

/* The last definition counts, and those of the file before those packed in streams. */
static void add_to_index(struct pdf *pdf, uint32_t number, bool packed)
{
    uint32_t old;

    if (number >= pdf->index_count) {
        uint32_t count = pdf->index_count > 0 ? pdf->index_count : 1024;
        uint32_t *index;

        if (number >= PDF_NUMBERS_MAX)
            return;
        while (count <= number)
            count *= 2;
        index = hn_realloc_array(pdf->index, count, sizeof *index);
        if (index == NULL) {
            pdf->nomem = true;
            return;
        }
        memset(index + pdf->index_count, 0, (count - pdf->index_count) * sizeof *index);
        pdf->index = index;
        pdf->index_count = count;
    }
    old = pdf->index[number];
    if (!packed || old == 0 || pdf->objects.ptr[old - 1].packed)
        pdf->index[number] = (uint32_t)pdf->objects.count;
}

static struct pdf_object *add_object(struct pdf *pdf, uint32_t number, bool packed)
{
    struct pdf_object *object;

    if (pdf->objects.count >= PDF_OBJECTS_MAX) {
        dissect_note(pdf->dissect, pdf->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "more than %u objects", PDF_OBJECTS_MAX);
        return NULL;
    }
    object = hn_vec_add(&pdf->objects);
    if (object == NULL)
        pdf->nomem = true;
    else
        add_to_index(pdf, number, packed);
    return object;
}

static void list_objects(struct pdf *pdf)
{
    struct hn_text text = hn_bytes_as_text(pdf->data);
    size_t at = 0;

    while ((at = hn_text_find(text, HN_TEXT("obj"), at)) != SIZE_MAX) {
        size_t start = at;
        struct pdf_object *object;
        uint32_t number;
        uint32_t generation;

        at += 3;
        if (start > 0 && !is_blank(pdf->data.ptr[start - 1]) && !is_digit(pdf->data.ptr[start - 1]))
            continue; /* "endobj" */
        if (!number_before(pdf->data, &start, &generation) ||
                !number_before(pdf->data, &start, &number))
            continue;
        object = add_object(pdf, number, false);
        if (object == NULL)
            return;
        *object = (struct pdf_object){ .number = number,
            .generation = generation,
            .source = pdf->data,
            .offset = at,
            .file_offset = start };
    }
}

/* ---- Trailers: dictionaries behind "trailer", and of cross-reference streams ---- */

static void on_trailer(struct pdf *pdf, struct pdf_value *dict)
{
    if (dict == NULL || dict->kind != PDF_DICT)
        return;
    if (pdf->trailer == NULL || pdf_get(pdf, dict, "Encrypt") != NULL ||
            pdf_get(pdf, pdf->trailer, "Encrypt") == NULL)
        pdf->trailer = dict;
}

static void list_trailers(struct pdf *pdf)
{
    struct hn_text text = hn_bytes_as_text(pdf->data);
    size_t at = 0;
    uint32_t count = 0;

    for (size_t i = 0; i < pdf->objects.count && count < TRAILERS_MAX; i++) {
        struct hn_text head = text_at(pdf->data, pdf->objects.ptr[i].offset, LOOKAHEAD_BYTES);

        if (hn_text_find(hn_text_sub(head, 0, hn_text_find(head, HN_TEXT("stream"), 0)),
                    HN_TEXT("/XRef"), 0) == SIZE_MAX)
            continue;
        count++;
        pdf_parse(pdf, &pdf->objects.ptr[i]);
        on_trailer(pdf, pdf->objects.ptr[i].value);
    }
    while (count++ < TRAILERS_MAX &&
            (at = hn_text_find(text, HN_TEXT("trailer"), at)) != SIZE_MAX) {
        struct pdf_lexer lexer = { .pdf = pdf, .source = pdf->data, .at = at + 7 };

        on_trailer(pdf, pdf_read(&lexer));
        at += 7;
    }
}

/* ---- Object streams ---- */

static void unpack_objects(struct pdf *pdf, size_t index)
{
    struct pdf_object holder = pdf->objects.ptr[index];
    int64_t count = pdf_number(pdf, holder.value, "N", 0);
    int64_t first = pdf_number(pdf, holder.value, "First", 0);
    struct pdf_lexer lexer = { .pdf = pdf };
    struct hn_bytes bytes;

    if (count <= 0 || first <= 0 || !pdf_stream(pdf, &pdf->objects.ptr[index], &bytes))
        return;
    lexer.source = bytes;
    for (int64_t i = 0; i < count && i < (int64_t)PACKED_MAX; i++) {
        const struct pdf_value *number = pdf_read(&lexer);
        const struct pdf_value *offset = pdf_read(&lexer);
        struct pdf_object *object;

        if (number == NULL || offset == NULL || number->kind != PDF_NUMBER ||
                offset->kind != PDF_NUMBER || number->number < 0 || number->number > UINT32_MAX ||
                offset->number < 0 || offset->number > (int64_t)bytes.len - first)
            return;
        object = add_object(pdf, (uint32_t)number->number, true);
        if (object == NULL)
            return;
        *object = (struct pdf_object){ .number = (uint32_t)number->number,
            .source = bytes,
            .offset = (size_t)(first + offset->number),
            .file_offset = holder.file_offset,
            .packed = true };
    }
}

static void list_packed(struct pdf *pdf)
{
    size_t count = pdf->objects.count;
    uint32_t streams = 0;

    for (size_t i = 0; i < count && streams < STREAMS_MAX && !pdf->nomem; i++) {
        struct hn_text head = text_at(pdf->data, pdf->objects.ptr[i].offset, LOOKAHEAD_BYTES);

        if (hn_text_find(head, HN_TEXT("stream"), 0) == SIZE_MAX)
            continue;
        pdf_parse(pdf, &pdf->objects.ptr[i]);
        if (!pdf_is_name(pdf_get(pdf, pdf->objects.ptr[i].value, "Type"), "ObjStm"))
            continue;
        streams++;
        unpack_objects(pdf, i);
    }
}

/* Values that were read before a password was known. */
static void forget_values(struct pdf *pdf)
{
    for (size_t i = 0; (pdf->crypt.on || pdf->crypt.locked) && i < pdf->objects.count; i++) {
        pdf->objects.ptr[i].parsed = false;
        pdf->objects.ptr[i].value = NULL;
    }
}

enum hn_status pdf_list(struct pdf *pdf)
{
    list_objects(pdf);
    list_trailers(pdf);
    pdf_crypt_open(pdf);
    forget_values(pdf);
    list_packed(pdf);
    return pdf->nomem ? HN_NOMEM : HN_OK;
}

/* ---- One object ---- */

struct pdf_object *pdf_find(struct pdf *pdf, uint32_t number)
{
    uint32_t position = number < pdf->index_count ? pdf->index[number] : 0;

    return position > 0 ? &pdf->objects.ptr[position - 1] : NULL;
}

/* Where "endstream" stands next. Streams come in the order of the file, so that a search that was
 * done is not done again for each of many streams that nobody closed. */
static size_t find_endstream(struct pdf *pdf, struct hn_text text, size_t at)
{
    if (at >= pdf->endstream_from && at <= pdf->endstream_at && pdf->endstream_at > 0)
        return pdf->endstream_at;
    pdf->endstream_from = at;
    pdf->endstream_at = hn_text_find(text, HN_TEXT("endstream"), at);
    return pdf->endstream_at;
}

/* Where the bytes of a stream begin and end: by /Length where "endstream" follows, else up to it.
 */
static void find_stream(struct pdf *pdf, struct pdf_object *object, size_t at)
{
    struct hn_bytes in = object->source;
    struct hn_text text = hn_bytes_as_text(in);
    int64_t stated;
    size_t end;

    while (at < in.len && is_blank(in.ptr[at]))
        at++;
    if (!hn_text_starts(text_at(in, at, 6), HN_TEXT("stream")))
        return;
    at += 6;
    if (at < in.len && in.ptr[at] == '\r')
        at++;
    if (at < in.len && in.ptr[at] == '\n')
        at++;
    stated = pdf_number(pdf, object->value, "Length", -1);
    if (stated >= 0 && (uint64_t)stated <= in.len - at) {
        struct hn_text behind = hn_text_trim(text_at(in, at + (size_t)stated, 24));

        if (hn_text_starts(behind, HN_TEXT("endstream"))) {
            object->stream = container_cut(in, at, (uint64_t)stated);
            return;
        }
    }
    end = find_endstream(pdf, text, at);
    if (end == SIZE_MAX)
        end = in.len;
    else if (end > at && in.ptr[end - 1] == '\n')
        end -= end > at + 1 && in.ptr[end - 2] == '\r' ? 2 : 1;
    object->stream = container_cut(in, at, end - at);
}

void pdf_parse(struct pdf *pdf, struct pdf_object *object)
{
    struct pdf_lexer lexer = {
        .pdf = pdf, .source = object->source, .at = object->offset, .object = object
    };

    if (object->parsed)
        return;
    object->parsed = true; /* before: a length that refers to itself */
    if (pdf->work / PDF_WORK_FACTOR > pdf->data.len + ((uint64_t)1 << 20)) {
        if (pdf->work != UINT64_MAX)
            dissect_note(pdf->dissect, pdf->id, DISSECT_NOTE_LIMIT, object->file_offset,
                    "objects overlap so that reading them all takes too long");
        pdf->work = UINT64_MAX;
        return;
    }
    object->value = pdf_read(&lexer);
    pdf->work += lexer.at - object->offset;
    if (object->value != NULL && object->value->kind == PDF_DICT && !object->packed)
        find_stream(pdf, object, lexer.at);
}

bool pdf_stream(struct pdf *pdf, struct pdf_object *object, struct hn_bytes *ret_bytes)
{
    const struct pdf_value *filter = pdf_get(pdf, object->value, "Filter");
    const struct pdf_value *parameters = pdf_get(pdf, object->value, "DecodeParms");
    const struct pdf_item *next = NULL;
    const struct pdf_item *next_parameters = NULL;
    struct hn_bytes bytes = object->stream;

    if (bytes.ptr == NULL)
        return false;
    if (!pdf_is_name(pdf_get(pdf, object->value, "Type"), "XRef"))
        bytes = pdf_decrypt(pdf, object, bytes, true);
    if (filter == NULL)
        filter = pdf_get(pdf, object->value, "F");
    if (filter != NULL && filter->kind == PDF_ARRAY) {
        next = filter->items;
        next_parameters =
                parameters != NULL && parameters->kind == PDF_ARRAY ? parameters->items : NULL;
        filter = NULL;
    }
    if (filter != NULL && filter->kind == PDF_NAME &&
            !pdf_filter(pdf, filter->text, parameters, bytes, &bytes))
        return false;
    for (uint32_t i = 0; next != NULL && i < PDF_FILTERS_MAX; i++, next = next->next) {
        const struct pdf_value *name = pdf_follow(pdf, next->value);

        parameters = next_parameters != NULL ? pdf_follow(pdf, next_parameters->value) : parameters;
        if (name == NULL || name->kind != PDF_NAME ||
                !pdf_filter(pdf, name->text, parameters, bytes, &bytes))
            return false;
        next_parameters = next_parameters != NULL ? next_parameters->next : NULL;
    }
    *ret_bytes = bytes;
    return true;
}
