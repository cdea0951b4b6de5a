/* powershell_object.c - New-Object and [type]::new(): which types have a state of their own. */
#include "powershell/powershell_internal.h"

static struct ps_object *typed(struct ps *ps, struct hn_text type)
{
    struct ps_object *object = ps_object_new(ps, "");

    object->type = type;
    return object;
}

/* What a stream is over: another object's bytes, or bytes. */
static struct ps_value source_of(struct ps_value v)
{
    return v.kind == PS_OBJECT ? v.as.object->state : v;
}

static struct ps_value new_stream(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);

    object->state = ps_of_array(ps_bytes_new(ps, 0, NULL));
    if (count == 0 || args[0].kind == PS_INT || args[0].kind == PS_NULL)
        return ps_of_object(object);
    object->state = source_of(args[0]);
    if (object->state.kind == PS_ARRAY) {
        struct hn_bytes bytes;
        size_t start = count > 2 ? ps_size_of(ps, &args[1], 0) : 0;
        size_t len = count > 2 ? ps_size_of(ps, &args[2], SIZE_MAX) : SIZE_MAX;

        if (!ps_bytes_of(ps, &object->state, &bytes))
            return ps_of_object(object);
        start = start < bytes.len ? start : bytes.len;
        len = len < bytes.len - start ? len : bytes.len - start;
        object->state = ps_bytes_value(ps,
                hn_text_as_bytes(hn_text_sub(hn_bytes_as_text(bytes), start, len)),
                ps_origin_of(&object->state));
    }
    return ps_of_object(object);
}

static struct ps_value new_inflater(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);
    struct ps_value from = count > 0 ? source_of(args[0]) : ps_null();
    struct hn_bytes packed;
    struct hn_bytes plain;

    object->state = from;
    if (from.kind == PS_UNKNOWN || !ps_bytes_of(ps, &from, &packed) || packed.len == 0)
        return ps_of_object(object);
    object->state = ps_unknown(ps, "inflated");
    if (script_inflate(ps->run, packed, &plain)) {
        ps_technique(ps, "inflate");
        object->state = ps_bytes_value(ps, plain, ps_origin(ps, "inflate", &from));
    }
    return ps_of_object(object);
}

/* CryptoStream(stream, transform, mode) */
static struct ps_value new_crypto_stream(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);
    struct ps_value from = count > 0 ? source_of(args[0]) : ps_null();

    object->state = from;
    if (count > 1 && args[1].kind == PS_OBJECT && from.kind == PS_ARRAY && from.as.array->count > 0)
        object->state = ps_crypto_transform(ps, args[1].as.object, &from);
    return ps_of_object(object);
}

static struct ps_value new_reader(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);

    if (count > 0)
        object->state = source_of(args[0]);
    if (count > 1)
        ps_prop_set(ps, object, "encoding", args[1]);
    return ps_of_object(object);
}

static struct ps_value new_builder(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);

    object->state =
            ps_text(count > 0 && args[0].kind != PS_INT ? ps_text_from(ps, &args[0]) : NULL);
    return ps_of_object(object);
}

static struct ps_value new_list(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_array *list;

    (void)type;
    if (count > 0 && args[0].kind == PS_ARRAY)
        list = ps_array_plus(ps, args[0].as.array, ps_of_array(ps_array_new(ps, 0)));
    else
        list = ps_array_new(ps, 8);
    list->list = true;
    return ps_of_array(list);
}

static struct ps_value new_hash(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_hash *hash = ps_hash_new(ps);

    (void)type;
    (void)args;
    (void)count;
    hash->exact = true;
    return (struct ps_value){ .kind = PS_HASH, .as.hash = hash };
}

static struct ps_value new_cipher(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    return ps_of_object(typed(ps, type));
}

/* [regex]'x' and new Regex('x', options): the pattern is the state. */
static struct ps_value new_regex(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, T("regex"));

    (void)type;
    object->state = count > 0 ? args[0] : ps_text(NULL);
    if (count > 1)
        ps_prop_set(ps, object, "options", args[1]);
    return ps_of_object(object);
}

/* A text that says more than it is: Uri, FileInfo, Guid. */
static struct ps_value new_text(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    (void)type;
    return count > 0 ? ps_text(ps_text_from(ps, &args[0])) : ps_text(NULL);
}

static struct ps_value new_credential(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);
    struct ps_value word = count > 1 ? source_of(args[1]) : ps_null();

    ps_prop_set(ps, object, "username", count > 0 ? args[0] : ps_null());
    ps_prop_set(ps, object, "password", word);
    object->state = word;
    return ps_of_object(object);
}

static struct ps_value new_string(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    return ps_static(ps, type, T("new"), args, count);
}

static struct ps_value new_tcp(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *client = typed(ps, type);

    if (count > 1 && args[0].kind != PS_INT) {
        ps_prop_set(ps, client, "peer", args[0]);
        ps_act(ps, SCRIPT_ACT_CONNECT, "TcpClient", "DestinationHostname", &args[0],
                "DestinationPort", &args[1]);
    }
    return ps_of_object(client);
}

/* HttpRequestMessage(method, address) */
static struct ps_value new_message(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *message = typed(ps, type);

    if (count > 0)
        ps_prop_set(ps, message, "requesturi", args[count - 1]);
    return ps_of_object(message);
}

/* Uri(base, "../path") */
static struct ps_value new_uri(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct hn_text base = count > 1 ? ps_flat(ps, &args[0]) : T("");
    struct hn_text rest = count > 1 ? ps_flat(ps, &args[1]) : T("");
    size_t host = hn_text_find(base, T("://"), 0);
    size_t root = host == SIZE_MAX ? SIZE_MAX : hn_text_find_char(base, '/', host + 3);
    size_t end = base.len;

    (void)type;
    if (count < 2 || args[1].kind != PS_TEXT || host == SIZE_MAX ||
            hn_text_find(rest, T("://"), 0) != SIZE_MAX)
        return count > 0 ? ps_text(ps_text_from(ps, &args[count > 1 && host != SIZE_MAX]))
                         : ps_text(NULL);
    if (root != SIZE_MAX) /* up to the last folder, and as far up as the other says */
        while (end > root + 1 && base.ptr[end - 1] != '/')
            end--;
    while (root != SIZE_MAX && hn_text_starts(rest, T("../"))) {
        rest = hn_text_sub(rest, 3, SIZE_MAX);
        while (end > root + 1 && base.ptr[end - 2] != '/')
            end--;
        end -= end > root + 1;
    }
    if (root != SIZE_MAX && hn_text_starts(rest, T("/")))
        end = root;
    return ps_add(ps,
            ps_text(script_text_new(ps->run, hn_text_sub(base, 0, end), ps_origin_of(&args[0]))),
            ps_text(script_text_new(ps->run, rest, ps_origin_of(&args[1]))));
}

static struct ps_value new_xml(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_object *object = typed(ps, type);

    object->state = count > 0 ? args[0] : ps_null();
    return ps_of_object(object);
}

/* [wmiclass]'path' */
static struct ps_value new_wmi(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct ps_value path = count > 0 ? args[0] : ps_null();

    (void)type;
    return ps_wmi_class(ps, ps_flat(ps, &path));
}

static struct ps_value new_array(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    size_t len = count > 0 ? ps_size_of(ps, &args[0], 0) : 0;
    struct ps_array *array;

    if (len > (1u << 24))
        return ps_unknown(ps, "array");
    if (ps_same_text(type, "byte[]"))
        return ps_of_array(ps_bytes_new(ps, len, NULL));
    array = ps_array_new(ps, len);
    for (size_t i = 0; i < len && script_spend(ps->run, (i & 15u) == 0); i++) {
        ps_array_add(ps, array,
                ps_one_of(type, "int[]|int32[]|long[]") ? ps_int(0)
                : ps_one_of(type, "char[]")             ? ps_char(0)
                                                        : ps_null());
    }
    return ps_of_array(array);
}

typedef struct ps_value constructor(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count);

static const struct {
    const char *types;
    constructor *fn;
} constructors[] = {
    { "io.memorystream|io.filestream|io.streamwriter|io.binarywriter|io.binaryreader", new_stream },
    { "io.compression.deflatestream|io.compression.gzipstream|io.compression.zlibstream",
            new_inflater },
    { "security.cryptography.cryptostream", new_crypto_stream },
    { "io.streamreader|io.stringreader", new_reader },
    { "text.stringbuilder", new_builder },
    { "collections.arraylist|collections.queue|collections.stack|collections.generic.list",
            new_list },
    { "hashtable|collections.hashtable|collections.generic.dictionary|collections.specialized."
      "ordereddictionary",
            new_hash },
    { "security.cryptography.aesmanaged|security.cryptography.rijndaelmanaged|"
      "security.cryptography.aescryptoserviceprovider|"
      "security.cryptography.tripledescryptoserviceprovider",
            new_cipher },
    { "regex|text.regularexpressions.regex", new_regex },
    { "uri", new_uri },
    { "net.http.httprequestmessage", new_message },
    { "io.fileinfo|io.directoryinfo|guid|version", new_text },
    { "net.networkcredential|management.automation.pscredential", new_credential },
    { "string", new_string },
    { "net.sockets.tcpclient|net.sockets.udpclient", new_tcp },
    { "xml|xml.xmldocument|wmisearcher|adsi", new_xml },
    { "wmiclass|management.managementclass", new_wmi },
};

/* "collections.generic.list[string]" is a list whatever of. */
static struct hn_text without_arguments(struct hn_text type)
{
    size_t open = hn_text_find_char(type, '[', 0);

    return open == SIZE_MAX || open == 0 ? type : hn_text_sub(type, 0, open);
}

struct ps_value ps_construct(
        struct ps *ps, struct hn_text type, struct ps_value *args, size_t count)
{
    struct hn_text plain = without_arguments(type);
    struct ps_object *object;
    struct ps_value own;

    if (ps_class_construct(ps, plain, args, count, &own))
        return own;

    if (hn_text_ends(type, T("[]")))
        return new_array(ps, type, args, count);
    for (size_t i = 0; i < sizeof constructors / sizeof constructors[0]; i++)
        if (ps_one_of(plain, constructors[i].types))
            return constructors[i].fn(ps, plain, args, count);
    if (ps_one_of(plain, "object|psobject|management.automation.psobject|pscustomobject"))
        return ps_of_object(typed(ps, T("management.automation.pscustomobject")));
    if (hn_text_ends(plain, T("encoding"))) {
        return ps_static_member(ps, T("text.encoding"),
                hn_text_find(plain, T("unicode"), 0) != SIZE_MAX ? T("unicode")
                : hn_text_find(plain, T("ascii"), 0) != SIZE_MAX ? T("ascii")
                                                                 : T("utf8"));
    }
    object = typed(ps, plain);
    for (size_t i = 0; i < count; i++)
        ps_tell_value(ps, &args[i], 0);
    if (count > 0)
        ps_prop_set(ps, object, "argument", args[0]);
    return ps_of_object(object);
}
