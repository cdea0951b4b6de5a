/* office_ooxml.c - packages of parts (ECMA-376 part 2), from a zip. What a part is decides its
 * content: names, content types and relations are what hostile packages lie about. */
#include "office/office_package.h"

#include "zip/zip.h"

static const char *const media_magics[] = { "\x89PNG", "\xFF\xD8\xFF", "GIF8", "BM", "II*", "MM",
    "\xD7\xCD\xC6\x9A", "RIFF", "wOFF", "OTTO", "II\xBC" };

static bool is_media(struct hn_text name, struct hn_bytes data)
{
    static const char *const endings[] = { ".odttf", ".fntdata", ".emf", ".wmf", ".wdp", ".svg" };

    for (size_t i = 0; i < HN_COUNT_OF(media_magics); i++) {
        if (hn_text_starts(hn_bytes_as_text(data), hn_text_cstr(media_magics[i])))
            return true;
    }
    for (size_t i = 0; i < HN_COUNT_OF(endings); i++) {
        if (hn_text_ends_nocase(name, hn_text_cstr(endings[i])))
            return !hn_text_starts(hn_bytes_as_text(data), HN_TEXT("MZ")) && !ole_is(data);
    }
    return hn_text_find_nocase(name, HN_TEXT("printerSettings"), 0) != SIZE_MAX;
}

static bool looks_like_xml(struct hn_bytes data)
{
    size_t i = 0;

    if (data.len >= 3 && data.ptr[0] == 0xEF && data.ptr[1] == 0xBB)
        i = 3;
    while (i < data.len && (data.ptr[i] == ' ' || data.ptr[i] == '\r' || data.ptr[i] == '\n' ||
                                   data.ptr[i] == '\t'))
        i++;
    if (i < data.len && data.ptr[i] == '<')
        return true;
    return data.len > 4 && ((data.ptr[0] == 0xFF && data.ptr[1] == 0xFE) ||
                                   (data.ptr[0] == 0xFE && data.ptr[1] == 0xFF) ||
                                   (data.ptr[0] == 0 && data.ptr[1] == '<'));
}

static struct hn_text root_of(struct hn_text xml)
{
    struct hn_xml reader;
    enum hn_xml_kind kind;

    hn_xml_init(&reader, xml);
    do {
        kind = hn_xml_next(&reader);
    } while (kind == HN_XML_TEXT);
    return kind == HN_XML_START ? office_local(reader.name) : HN_TEXT("");
}

/* ---- Relations ---- */

static struct hn_text last_segment(struct hn_text address)
{
    for (size_t i = address.len; i-- > 0;) {
        if (address.ptr[i] == '/')
            return hn_text_sub(address, i + 1, address.len);
    }
    return address;
}

/* "word/_rels/document.xml.rels" belongs to "word/document.xml". */
static struct hn_text source_of(struct office *o, struct hn_text rels)
{
    size_t at = hn_text_find_nocase(rels, HN_TEXT("_rels/"), 0);
    struct hn_text file;

    if (at == SIZE_MAX || !hn_text_ends_nocase(rels, HN_TEXT(".rels")))
        return HN_TEXT("");
    file = hn_text_sub(rels, at + 6, rels.len - at - 6 - 5);
    return office_print(o, "%.*s%.*s", (int)at, rels.ptr, HN_TEXT_ARG(file));
}

/* Schemes that start something wherever they stand, even in a hyperlink. */
static bool is_active_scheme(struct hn_text target)
{
    static const char *const schemes[] = { "mhtml:", "ms-msdt:", "search-ms:", "search:", "script:",
        "javascript:", "vbscript:", "ms-officecmd:", "its:", "mk:", "x-usc:" };

    for (size_t i = 0; i < HN_COUNT_OF(schemes); i++) {
        if (hn_text_starts_nocase(target, hn_text_cstr(schemes[i])))
            return true;
    }
    return false;
}

static void say_relation(struct office *o, const struct office_relation *relation)
{
    struct hn_text kind = relation->type;

    if (hn_text_eq_nocase(kind, HN_TEXT("attachedTemplate"))) {
        office_template(o, relation->target);
    } else if (hn_text_eq_nocase(kind, HN_TEXT("hyperlink")) &&
               !is_active_scheme(hn_text_trim(relation->target))) {
        office_say(o, "link", relation->target);
    } else {
        struct hn_text kept = office_keep(o, kind); /* with a NUL behind it */

        office_external(o, kept.ptr, relation->target);
    }
}

static void read_relations(struct office_package *package, struct hn_text name, struct hn_text xml)
{
    struct office *o = package->o;
    struct hn_text source = source_of(o, name);
    struct hn_xml reader;
    enum hn_xml_kind kind;

    hn_xml_init(&reader, xml);
    while ((kind = hn_xml_next(&reader)) > HN_XML_END_OF_INPUT) {
        struct office_relation relation = { .source = source };

        if (kind != HN_XML_START || !office_xml_is(&reader, "Relationship"))
            continue;
        relation.id = office_attr(o, &reader, "Id");
        relation.type = last_segment(office_attr(o, &reader, "Type"));
        relation.target = office_attr(o, &reader, "Target");
        relation.external =
                hn_text_eq_nocase(office_attr(o, &reader, "TargetMode"), HN_TEXT("External"));
        if (package->relation_count < OFFICE_RELATIONS_MAX)
            package->relations[package->relation_count++] = relation;
        if (relation.external)
            say_relation(o, &relation);
    }
    office_xml_done(o, &reader, name);
}

const struct office_relation *office_relation(
        const struct office_package *package, struct hn_text source, struct hn_text id)
{
    for (uint32_t i = 0; i < package->relation_count; i++) {
        const struct office_relation *relation = &package->relations[i];

        if (hn_text_eq_nocase(relation->source, source) && hn_text_eq(relation->id, id))
            return relation;
    }
    return NULL;
}

/* The name a target means, seen from the folder of its source. */
static struct hn_text resolve(struct office *o, struct hn_text source, struct hn_text target)
{
    size_t folder = 0;

    if (hn_text_starts(target, HN_TEXT("/")))
        return hn_text_sub(target, 1, target.len);
    for (size_t i = 0; i < source.len; i++) {
        if (source.ptr[i] == '/')
            folder = i + 1;
    }
    while (hn_text_starts(target, HN_TEXT("../"))) {
        target = hn_text_sub(target, 3, target.len);
        if (folder > 0)
            folder--;
        while (folder > 0 && source.ptr[folder - 1] != '/')
            folder--;
    }
    return office_print(
            o, "%.*s%.*s", (int)folder, folder > 0 ? source.ptr : "", HN_TEXT_ARG(target));
}

const struct office_part *office_related(
        const struct office_package *package, struct hn_text source, struct hn_text id)
{
    const struct office_relation *relation = office_relation(package, source, id);
    struct hn_text name;

    if (relation == NULL || relation->external)
        return NULL;
    name = resolve(package->o, source, relation->target);
    for (uint32_t i = package->part_count; i-- > 0;) { /* Office takes the last of doubles */
        if (hn_text_eq_nocase(package->parts[i].name, name))
            return &package->parts[i];
    }
    return NULL;
}

const struct office_part *office_part_with_root(
        const struct office_package *package, const char *root)
{
    for (uint32_t i = 0; i < package->part_count; i++) {
        if (hn_text_eq(package->parts[i].root, hn_text_cstr(root)))
            return &package->parts[i];
    }
    return NULL;
}

/* ---- Parts ---- */

static void ole_part(struct office *o, struct hn_text name, struct hn_bytes data)
{
    struct ole_file *file = NULL;

    if (ole_open(&o->scratch, data, NULL, &file, NULL) == HN_OK && office_has_vba(file)) {
        dissect_fact(o->dissect, o->id, "vba_part", name);
        office_vba(o, file, data);
        return;
    }
    (void)office_child(o,
            hn_text_find_nocase(name, HN_TEXT("activeX"), 0) != SIZE_MAX ? "activex" : "embedded",
            name, data, DISSECT_UNKNOWN);
}

static bool is_biff12(struct hn_text name)
{
    return hn_text_starts_nocase(name, HN_TEXT("xl/")) &&
           hn_text_ends_nocase(name, HN_TEXT(".bin"));
}

void office_package_part(struct office_package *package, struct hn_text name, struct hn_bytes data)
{
    struct office *o = package->o;
    struct office_part *part;

    if (data.len == 0 || package->part_count == OFFICE_PARTS_MAX)
        return;
    part = &package->parts[package->part_count++];
    *part = (struct office_part){ .name = name, .data = data, .root = HN_TEXT("") };
    if (ole_is(data)) {
        ole_part(o, name, data);
    } else if (looks_like_xml(data)) {
        part->xml = office_xml_text(o, data);
        part->root = root_of(part->xml);
        part->kind = OFFICE_PART_XML;
        if (part->root.len == 0) { /* HTML that is no XML, or nothing at all */
            part->kind = OFFICE_PART_OTHER;
            (void)office_child(o, "embedded", name, data, DISSECT_UNKNOWN);
            return;
        }
        if (hn_text_eq(part->root, HN_TEXT("Relationships")))
            read_relations(package, name, part->xml);
    } else if (is_biff12(name) && !is_media(name, data)) {
        part->kind = OFFICE_PART_BIFF12;
    } else if (!is_media(name, data)) {
        (void)office_child(o, "embedded", name, data, DISSECT_UNKNOWN);
    }
}

bool office_package_init(struct office_package *package, struct office *o)
{
    *package = (struct office_package){ .o = o };
    office_xlm_init(&package->xlm, o);
    package->xlm.form = OFFICE_PTG_BIFF12;
    /* Not zeroed: most packages touch a page of each. */
    package->parts = hn_arena_raw(
            &o->scratch, sizeof *package->parts * OFFICE_PARTS_MAX, _Alignof(struct office_part));
    package->relations = hn_arena_raw(&o->scratch,
            sizeof *package->relations * OFFICE_RELATIONS_MAX, _Alignof(struct office_relation));
    return package->parts != NULL && package->relations != NULL;
}

void office_package_finish(struct office_package *package)
{
    package->read = hn_new(&package->o->scratch, bool, (size_t)package->part_count + 1);
    if (package->read != NULL) {
        office_workbook(package);
        office_workbook_biff12(package);
    }
    office_xlm_names_read(&package->xlm);
    office_xlm_done(&package->xlm);
    office_xlm_deinit(&package->xlm);
    office_slides(package);
    office_package_controls(package);
    for (uint32_t i = 0; i < package->part_count; i++) {
        if (package->parts[i].kind == OFFICE_PART_XML)
            office_other_part(package, &package->parts[i]);
    }
}

/* ---- Zip ---- */

static void say_zip(struct office *o, const struct zip_file *zip)
{
    uint32_t odd = zip_odd(zip);

    if ((odd & ZIP_ODD_NO_CENTRAL) != 0)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the zip has no central directory");
    if ((odd & ZIP_ODD_PREFIX) != 0)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_HIDDEN, 0, "bytes before the zip");
}

static void say_entry(struct office *o, const struct zip_entry *entry)
{
    const char *what = NULL;

    if ((entry->odd & ZIP_ODD_DOUBLE) != 0)
        what = "is there twice";
    else if ((entry->odd & ZIP_ODD_LOCAL_ONLY) != 0)
        what = "is not in the directory of the zip";
    else if ((entry->odd & ZIP_ODD_NAME) != 0)
        what = "has another name in front of its bytes";
    if (what != NULL)
        dissect_note(o->dissect, o->id, DISSECT_NOTE_HIDDEN, entry->offset, "part %.*s %s",
                OFFICE_SHOWN(entry->name), what);
}

static struct hn_text name_of(struct office *o, const struct zip_entry *entry)
{
    char *out = hn_arena_raw(&o->scratch, entry->name.len + 1, 1);
    struct hn_text name = entry->name;

    if (out == NULL)
        return HN_TEXT("");
    for (size_t i = 0; i < name.len; i++)
        out[i] = name.ptr[i] == '\\' ? '/' : name.ptr[i];
    name = hn_text_of(out, name.len);
    return hn_text_starts(name, HN_TEXT("/")) ? hn_text_sub(name, 1, name.len) : name;
}

static void read_entries(struct office_package *package, struct zip_file *zip)
{
    struct office *o = package->o;

    for (uint32_t i = 0; i < zip_count(zip); i++) {
        const struct zip_entry *entry = zip_get(zip, i);
        struct hn_bytes data = { 0 };
        struct hn_err why = { 0 };
        enum hn_status status;

        say_entry(o, entry);
        if (entry->folder)
            continue;
        if (entry->encrypted) {
            dissect_note(o->dissect, o->id, DISSECT_NOTE_PASSWORD, entry->offset, "part %.*s",
                    OFFICE_SHOWN(entry->name));
            continue;
        }
        status = zip_read(zip, i, (struct hn_text){ 0 }, office_allow, o, &data, &why);
        if (status == HN_NOMEM)
            return;
        if (status != HN_OK) {
            dissect_note(o->dissect, o->id,
                    status == HN_LIMIT ? DISSECT_NOTE_LIMIT : DISSECT_NOTE_DAMAGED, entry->offset,
                    "part %.*s: %s", OFFICE_SHOWN(entry->name), why.msg);
        }
        office_package_part(package, name_of(o, entry), data);
    }
}

enum hn_status office_open_ooxml(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office_package package;
    struct zip_file *zip = NULL;
    struct hn_err why = { 0 };
    struct office o;
    enum hn_status status;

    office_begin(&o, dissect, id);
    status = zip_open(&o.scratch, office_data(&o), NULL, &zip, &why);
    if (status != HN_OK && status != HN_NOMEM)
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, why.offset, "%s", why.msg);
    if (status == HN_OK && office_package_init(&package, &o)) {
        say_zip(&o, zip);
        read_entries(&package, zip);
        office_package_finish(&package);
    }
    return office_end(&o, err);
}
