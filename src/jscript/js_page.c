/* js_page.c - what pages do: elements, files made of bytes, requests, places they send the browser
 * to. Of an element only what tells something is modelled; the rest is unknown. */
#include "jscript/jscript_internal.h"

#include "base/enc.h"

/* ---- Addresses ---- */

/* "data:type;base64,...": the bytes of it. False: it is none, or damaged. */
static bool data_of(struct js_state *state, struct hn_text url, const struct script_text **ret_text)
{
    size_t comma = hn_text_find_char(url, ',', 0);
    struct hn_text head = hn_text_sub(url, 0, comma);
    struct hn_text body = hn_text_sub(url, comma != SIZE_MAX ? comma + 1 : url.len, SIZE_MAX);
    struct hn_buf out = { 0 };
    bool good = true;

    if (!hn_text_starts_nocase(url, HN_TEXT("data:")) || comma == SIZE_MAX)
        return false;
    if (hn_text_find_nocase(head, HN_TEXT(";base64"), 0) != SIZE_MAX) {
        good = hn_base64_decode(&out, body);
    } else {
        hn_percent_decode(&out, body);
    }
    if (good) {
        *ret_text = script_text_from_bytes(state->run, hn_bytes_of(out.ptr, out.len),
                script_origin_new(state->run, "data url", state->offset, HN_TEXT(""), NULL, NULL));
    }
    hn_buf_deinit(&out);
    return good && *ret_text != NULL;
}

/* A page whose text nowhere has the host it sends the browser to hides it. */
static void note_hidden(struct js_state *state, struct hn_text url)
{
    size_t start = hn_text_find(url, HN_TEXT("//"), 0);
    struct hn_text host = hn_text_sub(url, start != SIZE_MAX ? start + 2 : url.len, SIZE_MAX);
    size_t end = 0;

    while (end < host.len && strchr("/?#:@", host.ptr[end]) == NULL)
        end++;
    host = hn_text_sub(host, 0, end);
    if (hn_text_find_char(host, '.', 0) == SIZE_MAX)
        return;
    for (size_t i = 0; i < state->source->part_count; i++) {
        if (hn_text_find_nocase(state->source->parts[i].text, host, 0) != SIZE_MAX)
            return;
    }
    script_tell_note(state->run, SCRIPT_NOTE_OBFUSCATION, state->offset, HN_TEXT("hidden address"));
}

/* What a page asks for by itself is a place within it, or a request. */
static void tell_request(struct js_state *state, const struct script_text *url, const char *via)
{
    struct hn_text flat = script_text_flat(state->run, url);
    struct script_act act = script_act(state->run, SCRIPT_ACT_HTTP, state->offset, via);

    if (flat.len == 0 || hn_text_starts_nocase(flat, HN_TEXT("about:")) ||
            hn_text_starts_nocase(flat, HN_TEXT("blob:")) || flat.ptr[0] == '#' ||
            (flat.ptr[0] == '/' && !hn_text_starts(flat, HN_TEXT("//"))))
        return;
    if (!url->unknown)
        note_hidden(state, flat);
    script_act_add(&act, "Url", url);
    script_tell(state->run, &act);
}

void js_tell_go(struct js_state *state, struct js_value url, const char *via)
{
    const struct script_text *text = js_to_text(state, &url);
    const struct script_text *bytes;
    struct script_layer layer = { .language = SCRIPT_HTML, .how = via, .offset = state->offset };

    if (text == NULL || (url.kind == JS_OBJECT && url.object->class == JS_BLOB))
        return;
    if (hn_text_starts_nocase(script_text_flat(state->run, text), HN_TEXT("javascript:"))) {
        (void)js_eval_text(state, script_text_sub(state->run, text, 11, text->units), via);
    } else if (data_of(state, script_text_flat(state->run, text), &bytes)) {
        layer.text = bytes;
        script_tell_layer(state->run, &layer);
    } else {
        tell_request(state, text, via);
    }
}

/* ---- Bytes ---- */

const struct script_text *js_bytes_text(struct js_state *state, const struct js_value *value)
{
    const struct js_object *object = value->kind == JS_OBJECT ? value->object : NULL;
    uint16_t *units;

    if (js_is_unknown(value))
        return NULL;
    if (object == NULL || object->class == JS_PLAIN)
        return js_to_text(state, value);
    if (object->class == JS_BLOB)
        return object->pattern;
    if (object->class != JS_ARRAY)
        return js_to_text(state, value);
    units = hn_arena_raw(&state->run->arena, ((size_t)object->count + 1) * sizeof *units, 2);
    if (units == NULL || !script_spend(state->run, object->count / 8))
        return NULL;
    for (uint32_t i = 0; i < object->count; i++) {
        if (js_is_unknown(&object->items[i]))
            return NULL;
        units[i] =
                (uint16_t)((uint32_t)js_to_int32(js_to_number(state, &object->items[i])) & 0xFFu);
    }
    return script_text_from_units(state->run, units, object->count,
            script_origin_new(state->run, "bytes", state->offset, HN_TEXT(""), NULL, NULL));
}

void js_tell_saved(struct js_state *state, struct js_value what, struct js_value name)
{
    const struct script_text *bytes = js_bytes_text(state, &what);
    struct script_layer layer = { .language = SCRIPT_PROGRAM,
        .text = bytes,
        .how = SCRIPT_HOW_SMUGGLED,
        .offset = state->offset };

    if (bytes == NULL || bytes->unknown || bytes->units == 0)
        return;
    if (name.kind == JS_TEXT)
        layer.name = hn_arena_text(&state->run->arena, js_flat(state, &name));
    script_tell_layer(state->run, &layer);
}

/* ---- Elements ---- */

/* What the page has under this name. */
static bool page_text(struct js_state *state, struct hn_text id, struct hn_text attribute,
        struct js_value *ret_value)
{
    struct hn_buf name = { 0 };
    struct hn_text text = HN_TEXT("");
    bool found;

    hn_buf_add_lit(&name, SCRIPT_ELEMENT_PREFIX);
    hn_buf_add_text(&name, id);
    if (attribute.len > 0) {
        hn_buf_add_char(&name, '.');
        hn_buf_add_text(&name, attribute);
    }
    found = state->source->lookup != NULL && hn_buf_ok(&name) &&
            state->source->lookup(state->source->lookup_ctx, hn_buf_text(&name), &text);
    if (found) {
        *ret_value = js_text(script_text_new(state->run, text,
                script_origin_new(state->run, "store", state->offset,
                        hn_arena_text(&state->run->arena, hn_buf_text(&name)), NULL, NULL)));
    }
    hn_buf_deinit(&name);
    return found;
}

struct js_value js_element_new(struct js_state *state, struct hn_text tag)
{
    struct js_object *element = js_object_new(state, JS_ELEMENT);

    if (element == NULL)
        return js_undefined();
    element->name = hn_arena_text(&state->run->arena, tag);
    return js_object(element);
}

bool js_named_object(struct js_state *state, struct hn_text id, struct js_value *ret_value)
{
    struct com_object *com = com_declared(state->com, state->source, id, state->offset);

    *ret_value = (struct js_value){ .kind = JS_COM, .com = com };
    return com != NULL;
}

bool js_element_find(struct js_state *state, struct hn_text id, struct js_value *ret_value)
{
    static const char *const contents[] = { "innerHTML", "innerText", "textContent", "text",
        "value", "outerText", "nodeValue", "data" };
    struct js_value content;

    if (!page_text(state, id, HN_TEXT(""), &content))
        return false;
    *ret_value = js_element_new(state, HN_TEXT(""));
    for (size_t i = 0; i < HN_COUNT_OF(contents) && ret_value->kind == JS_OBJECT; i++) {
        struct js_value *slot =
                js_table_put(state, &ret_value->object->properties, hn_text_cstr(contents[i]));
        struct js_value own;

        if (slot != NULL)
            *slot = page_text(state, id, hn_text_cstr(contents[i]), &own) ? own : content;
    }
    if (ret_value->kind == JS_OBJECT)
        ret_value->object->source = hn_arena_text(&state->run->arena, id);
    return true;
}

static struct js_value element_by_id(struct js_state *state, struct js_value id)
{
    struct hn_text name = js_flat(state, &id);
    struct js_value element;

    if (name.len > 0 && name.ptr[0] == '#') /* of querySelector() */
        name = hn_text_sub(name, 1, SIZE_MAX);
    if (js_is_unknown(&id) || !js_element_find(state, name, &element))
        element = js_element_new(state, HN_TEXT(""));
    return element;
}

bool js_element_attribute(struct js_state *state, const struct js_object *element,
        struct hn_text name, struct js_value *ret_value)
{
    return element->source.len > 0 && page_text(state, element->source, name, ret_value);
}

/* Of an element: as a script has set it, else as the page has it. */
static struct js_value own(struct js_state *state, const struct js_object *object, const char *name)
{
    const struct js_value *found = js_table_find(&object->properties, hn_text_cstr(name));
    struct js_value value;

    if (found != NULL)
        return *found;
    return js_element_attribute(state, object, hn_text_cstr(name), &value) ? value : js_undefined();
}

/* A click on a link: a file is saved, or the browser goes there. */
static void click(struct js_state *state, const struct js_object *element)
{
    struct js_value href = own(state, element, "href");
    const struct script_text *bytes;

    if (href.kind == JS_UNDEFINED)
        return;
    if (href.kind == JS_OBJECT) {
        js_tell_saved(state, href, own(state, element, "download"));
    } else if (data_of(state, js_flat(state, &href), &bytes)) {
        js_tell_saved(state, js_text(bytes), own(state, element, "download"));
    } else {
        js_tell_go(state, href, "click");
    }
}

void js_page_put(struct js_state *state, struct js_object *element, struct hn_text name,
        struct js_value value)
{
    struct script_layer layer = { .language = SCRIPT_HTML,
        .text = js_to_text(state, &value),
        .how = "innerHTML",
        .offset = state->offset };
    bool script = hn_text_eq_nocase(element->name, HN_TEXT("script"));

    if (hn_text_eq(name, HN_TEXT("src")) || hn_text_eq(name, HN_TEXT("srcdoc")) ||
            (hn_text_eq(name, HN_TEXT("href")) &&
                    hn_text_eq_nocase(element->name, HN_TEXT("link")))) {
        js_tell_go(state, value, "src");
    } else if (hn_text_eq(name, HN_TEXT("innerHTML")) || hn_text_eq(name, HN_TEXT("outerHTML"))) {
        script_tell_layer(state->run, &layer);
    } else if (script &&
               (hn_text_eq(name, HN_TEXT("text")) || hn_text_eq(name, HN_TEXT("textContent")) ||
                       hn_text_eq(name, HN_TEXT("innerText")))) {
        (void)js_eval_text(state, layer.text, "script element");
    }
}

static struct js_value element_method(struct js_state *state, struct js_object *self,
        struct hn_text name, const struct js_args *args)
{
    struct js_value first = js_arg(args, 0);
    struct js_value element = js_object(self);

    if (hn_text_eq(name, HN_TEXT("setAttribute"))) {
        struct hn_text attribute = hn_arena_text(&state->run->arena, js_flat(state, &first));

        if (!js_is_unknown(&first) && attribute.ptr != NULL)
            js_set_member(state, &element, attribute, js_arg(args, 1));
        return js_undefined();
    }
    if (hn_text_eq(name, HN_TEXT("getAttribute")))
        return js_member(
                state, &element, hn_arena_text(&state->run->arena, js_flat(state, &first)));
    if (hn_text_eq(name, HN_TEXT("click")) || hn_text_eq(name, HN_TEXT("dispatchEvent"))) {
        click(state, self);
        return js_undefined();
    }
    if (hn_text_eq(name, HN_TEXT("submit"))) {
        struct js_value action = own(state, self, "action");

        if (action.kind != JS_UNDEFINED)
            js_tell_go(state, action, "submit");
        return js_undefined();
    }
    if (hn_text_eq(name, HN_TEXT("addEventListener")) || hn_text_eq(name, HN_TEXT("attachEvent"))) {
        static const struct js_args none = { NULL, 0 };
        struct js_value handler = js_arg(args, 1);

        if (handler.kind == JS_OBJECT)
            (void)js_call(state, handler, element, &none);
        return js_undefined();
    }
    return first.kind == JS_OBJECT ? first : js_undefined(); /* appendChild and its like */
}

/* ---- What will be: there at once here ---- */

struct js_value js_promise(struct js_state *state, struct js_value value)
{
    struct js_object *promise;

    if (value.kind == JS_OBJECT && value.object->class == JS_PROMISE)
        return value;
    promise = js_object_new(state, JS_PROMISE);
    if (promise != NULL)
        promise->self = value;
    return js_object(promise);
}

struct js_value js_awaited(struct js_value value)
{
    return value.kind == JS_OBJECT && value.object->class == JS_PROMISE ? value.object->self
                                                                        : value;
}

static struct js_value promise_method(struct js_state *state, struct js_object *self,
        struct hn_text name, const struct js_args *args)
{
    struct js_value handler = js_arg(args, 0);
    struct js_args given = { &self->self, 1 };

    if (hn_text_eq(name, HN_TEXT("resolve"))) {
        self->self = js_awaited(handler);
        return js_undefined();
    }
    if (hn_text_eq(name, HN_TEXT("catch")) || handler.kind != JS_OBJECT)
        return js_object(self);
    if (hn_text_eq(name, HN_TEXT("finally"))) {
        given.count = 0;
        (void)js_call(state, handler, js_undefined(), &given);
        return js_object(self);
    }
    return js_promise(state, js_call(state, handler, js_undefined(), &given));
}

/* fetch(): of a data address what is in it, else a request. */
struct js_value js_fetch(struct js_state *state, const struct js_args *args)
{
    struct js_value url = js_arg(args, 0);
    struct js_object *blob;
    const struct script_text *bytes;

    if (url.kind == JS_OBJECT && url.object->class == JS_BLOB)
        return js_promise(state, url);
    if (!data_of(state, js_flat(state, &url), &bytes)) {
        js_tell_go(state, url, "fetch");
        return js_promise(state, js_unknown(state, "reply"));
    }
    blob = js_object_new(state, JS_BLOB);
    if (blob != NULL)
        blob->pattern = bytes;
    return js_promise(state, js_object(blob));
}

static struct js_value blob_method(
        struct js_state *state, struct js_object *self, struct hn_text name)
{
    struct js_object *array;

    if (hn_text_eq(name, HN_TEXT("text")))
        return js_promise(state, js_text(self->pattern));
    if (!hn_text_eq(name, HN_TEXT("arrayBuffer")))
        return js_promise(state, js_object(self)); /* blob(), slice() */
    array = js_object_new(state, JS_ARRAY);
    for (size_t i = 0; array != NULL && i < self->pattern->units; i++) {
        const uint16_t *units = script_text_units(state->run, self->pattern);

        if (units == NULL || !js_array_add(state, array, js_number(units[i])))
            break;
    }
    return js_promise(state, js_object(array));
}

/* new Blob([parts]), new File([parts], name) */
struct js_value js_blob(struct js_state *state, const struct js_args *args)
{
    struct js_value parts = js_arg(args, 0);
    struct js_object *blob = js_object_new(state, JS_BLOB);
    const struct script_text *text = script_text_borrow(state->run, HN_TEXT(""), NULL);

    if (blob == NULL || parts.kind != JS_OBJECT)
        return js_unknown(state, "file");
    for (uint32_t i = 0; i < parts.object->count && text != NULL; i++) {
        const struct script_text *part = js_bytes_text(state, &parts.object->items[i]);

        if (part == NULL)
            return js_unknown(state, "file");
        text = script_text_join(state->run, text, part);
    }
    if (text == NULL)
        return js_undefined();
    blob->pattern = text;
    return js_object(blob);
}

/* ---- By kind ---- */

static const struct {
    enum js_class class;
    const char *name;
} methods[] = {
    { JS_ELEMENT, "setAttribute" },
    { JS_ELEMENT, "getAttribute" },
    { JS_ELEMENT, "appendChild" },
    { JS_ELEMENT, "append" },
    { JS_ELEMENT, "insertBefore" },
    { JS_ELEMENT, "removeChild" },
    { JS_ELEMENT, "remove" },
    { JS_ELEMENT, "click" },
    { JS_ELEMENT, "dispatchEvent" },
    { JS_ELEMENT, "submit" },
    { JS_ELEMENT, "addEventListener" },
    { JS_ELEMENT, "attachEvent" },
    { JS_ELEMENT, "focus" },
    { JS_BLOB, "text" },
    { JS_BLOB, "blob" },
    { JS_BLOB, "arrayBuffer" },
    { JS_BLOB, "slice" },
    { JS_PROMISE, "then" },
    { JS_PROMISE, "catch" },
    { JS_PROMISE, "finally" },
    { JS_PROMISE, "resolve" },
    { JS_ENUMERATOR, "atEnd" },
    { JS_ENUMERATOR, "item" },
    { JS_ENUMERATOR, "moveNext" },
    { JS_ENUMERATOR, "moveFirst" },
};

bool js_page_has(enum js_class class, struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(methods); i++) {
        if (methods[i].class == class && hn_text_eq(name, hn_text_cstr(methods[i].name)))
            return true;
    }
    return false;
}

struct js_value js_page_method(struct js_state *state, struct js_object *self, struct hn_text name,
        const struct js_args *args)
{
    if (self->class == JS_ELEMENT)
        return element_method(state, self, name, args);
    if (self->class == JS_PROMISE)
        return promise_method(state, self, name, args);
    if (self->class == JS_BLOB)
        return blob_method(state, self, name);
    return js_enumerator_method(state, self, name);
}

/* ---- The document ---- */

static struct js_value write_page(struct js_state *state, const struct js_args *args)
{
    struct js_value text = js_arg(args, 0);
    struct script_layer layer = { .language = SCRIPT_HTML,
        .text = js_to_text(state, &text),
        .how = "document.write",
        .offset = state->offset };

    script_tell_layer(state->run, &layer);
    return js_undefined();
}

/* What asks for several elements gets one of them. */
static struct js_value elements(struct js_state *state, struct hn_text tag)
{
    struct js_object *array = js_object_new(state, JS_ARRAY);

    if (array != NULL)
        (void)js_array_add(state, array, js_element_new(state, tag));
    return js_object(array);
}

static struct js_value document_call(
        struct js_state *state, struct hn_text name, const struct js_args *args)
{
    struct js_value first = js_arg(args, 0);
    struct js_value element;

    if (hn_text_starts(name, HN_TEXT("write")))
        return write_page(state, args);
    if (hn_text_eq(name, HN_TEXT("createElement")))
        return js_element_new(state, js_flat(state, &first));
    if (hn_text_eq(name, HN_TEXT("createElementNS"))) {
        first = js_arg(args, 1);
        return js_element_new(state, js_flat(state, &first));
    }
    if (hn_text_eq(name, HN_TEXT("getElementById")) || hn_text_eq(name, HN_TEXT("querySelector")))
        return element_by_id(state, first);
    if (hn_text_starts(name, HN_TEXT("getElements")) ||
            hn_text_eq(name, HN_TEXT("querySelectorAll")))
        return elements(state, js_flat(state, &first));
    element = js_element_new(state, HN_TEXT(""));
    if (hn_text_eq(name, HN_TEXT("addEventListener")) || hn_text_eq(name, HN_TEXT("attachEvent")))
        return element_method(state, element.object, HN_TEXT("addEventListener"), args);
    return element;
}

/* args NULL: the member is read. */
struct js_value js_document(struct js_state *state, struct hn_text name, const struct js_args *args)
{
    static const char *const things[] = { "body", "head", "documentElement", "currentScript",
        "scrollingElement", "activeElement" };
    struct js_value value;

    if (args != NULL)
        return document_call(state, name, args);
    for (size_t i = 0; i < HN_COUNT_OF(things); i++) {
        if (hn_text_eq(name, hn_text_cstr(things[i])))
            return js_element_new(state, name);
    }
    if (hn_text_eq(name, HN_TEXT("location")))
        return js_builtin(state, js_undefined(), name);
    if (hn_text_eq(name, HN_TEXT("defaultView")) || hn_text_eq(name, HN_TEXT("parentWindow")))
        return state->window;
    if (hn_text_eq(name, HN_TEXT("title")) && page_text(state, name, HN_TEXT(""), &value))
        return value;
    return js_undefined();
}
