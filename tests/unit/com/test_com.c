/* test_com.c - objects by themselves: values in and out, what is told, what is kept. Chains of them
 * are in tests/golden/com/. */
#include "com/com.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

struct world {
    struct script_run run;
    struct com *com;
    struct hn_buf told; /* a line per act, layer and note */
    size_t stores;
    size_t quits;
};

static void on_act(void *ctx, const struct script_act *act)
{
    struct world *world = ctx;

    hn_buf_addf(&world->told, "%s %s", script_act_id(act->kind), act->via);
    for (size_t i = 0; i < act->field_count; i++) {
        hn_buf_addf(&world->told, " %s=", act->fields[i].name);
        hn_buf_add_text(&world->told, script_text_flat(&world->run, act->fields[i].value));
    }
    hn_buf_add_char(&world->told, '\n');
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct world *world = ctx;

    (void)offset;
    hn_buf_addf(&world->told, "%s %.*s\n", script_note_id(kind), HN_TEXT_ARG(detail));
}

static void on_store(void *ctx, struct com_value *slot)
{
    struct world *world = ctx;

    assert_non_null(slot);
    world->stores++;
}

static void on_quit(void *ctx)
{
    struct world *world = ctx;

    world->quits++;
}

static bool world_init(struct world *world)
{
    static const struct script_source source = { .file_name = HN_TEXT_INIT("C:\\d\\a.js"),
        .host = "wscript.exe" };
    struct script_sink sink = { .ctx = world, .on_act = on_act, .on_note = on_note };
    struct com_host host = {
        .ctx = world, .source = &source, .on_store = on_store, .quit = on_quit
    };

    *world = (struct world){ .stores = 0 };
    script_run_init(&world->run, NULL, &sink);
    world->com = com_new(&world->run, &host);
    return world->com != NULL;
}

static void world_deinit(struct world *world)
{
    hn_buf_deinit(&world->told);
    script_run_deinit(&world->run);
}

static struct com_value text(struct world *world, const char *value)
{
    return com_value_text(script_text_borrow(&world->run, hn_text_cstr(value), NULL));
}

static struct com_object *made(struct world *world, const char *name)
{
    return com_create(world->com, script_text_borrow(&world->run, hn_text_cstr(name), NULL), 7);
}

/* Up to four arguments; NULL ends them. */
static struct com_value call(
        struct world *world, struct com_object *object, const char *member, const char *const *args)
{
    struct com_value values[4];
    struct com_value value;
    size_t count = 0;

    for (; count < 4 && args != NULL && args[count] != NULL; count++)
        values[count] = text(world, args[count]);
    (void)com_invoke(world->com,
            &(struct com_invocation){ .object = object,
                    .member = hn_text_cstr(member),
                    .args = values,
                    .count = count,
                    .offset = 7 },
            &value);
    return value;
}

static void put(
        struct world *world, struct com_object *object, const char *member, struct com_value value)
{
    struct com_value ignored;

    (void)com_invoke(world->com,
            &(struct com_invocation){
                    .object = object, .member = hn_text_cstr(member), .put = &value, .offset = 7 },
            &ignored);
}

#define ARGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void assert_text(struct world *world, struct com_value value, const char *wanted)
{
    struct hn_text flat = script_text_flat(&world->run, com_text(world->com, &value));

    if (!hn_text_eq(flat, hn_text_cstr(wanted)))
        fail_msg("%.*s instead of %s", HN_TEXT_ARG(flat), wanted);
}

static void assert_told(struct world *world, const char *wanted)
{
    if (hn_text_find(hn_buf_text(&world->told), hn_text_cstr(wanted), 0) == SIZE_MAX)
        fail_msg("not told: %s\nbut:\n%.*s", wanted, HN_TEXT_ARG(hn_buf_text(&world->told)));
}

/* Every way to name an object gives one; only names that nobody modelled are noted. */
static void names_give_objects(void **state)
{
    struct world world;

    (void)state;
    assert_true(world_init(&world));
    assert_string_equal(com_class(made(&world, " WScript.Shell.1 ")), "WScript.Shell");
    assert_string_equal(
            com_class(made(&world, "{F935DC22-1CF0-11D0-ADB9-00C04FD58A0B}")), "WScript.Shell");
    assert_string_equal(com_class(made(&world, "new:13709620-C279-11CE-A49E-444553540000")),
            "Shell.Application");
    assert_string_equal(com_class(com_moniker(world.com,
                                text(&world, "winmgmts:root\\cimv2:Win32_Process").text, 1)),
            "WMI");
    assert_null(com_known(world.com, HN_TEXT("Some.Thing")));
    assert_non_null(com_known(world.com, HN_TEXT("XMLHTTP60")));
    assert_non_null(com_ambient(world.com, HN_TEXT("wscript")));
    assert_null(com_ambient(world.com, HN_TEXT("document")));
    assert_told(&world, "class identifier of wscript.shell");
    assert_true(hn_text_find(hn_buf_text(&world.told), HN_TEXT("unmodelled"), 0) == SIZE_MAX);
    assert_string_equal(com_class(made(&world, "Some.Thing")), "object");
    assert_told(&world, "unmodelled object Some.Thing");
    world_deinit(&world);
}

/* A member nobody knows gives an unknown value and is noted once; a property gives what it was set
 * to. */
static void unknown_members_go_on(void **state)
{
    struct world world;
    struct com_object *object;
    size_t len;

    (void)state;
    assert_true(world_init(&world));
    object = made(&world, "WScript.Shell");
    assert_int_equal(call(&world, object, "Frobnicate", NULL).kind, COM_UNKNOWN);
    assert_told(&world, "unmodelled WScript.Shell.Frobnicate\n");
    len = world.told.len;
    assert_text(&world, call(&world, object, "Frobnicate", NULL), "{WScript.Shell.Frobnicate}");
    assert_int_equal(world.told.len, len);
    put(&world, object, "Frobnicate", text(&world, "x"));
    assert_text(&world, call(&world, object, "FROBNICATE", NULL), "x");
    assert_true(world.stores > 0);
    world_deinit(&world);
}

static void values_come_back_as_they_are(void **state)
{
    static const int mine = 0;
    struct world world;
    struct com_value own = { .kind = COM_FOREIGN, .foreign = &mine };
    struct com_object *list;
    struct com_value value;
    struct com_value args[2];
    const struct com_value *items;
    size_t count;

    (void)state;
    assert_true(world_init(&world));
    list = made(&world, "Scripting.Dictionary");
    args[0] = com_value_number(1);
    args[1] = own;
    assert_int_equal(
            com_invoke(world.com,
                    &(struct com_invocation){
                            .object = list, .member = HN_TEXT("add"), .args = args, .count = 2 },
                    &value),
            0);
    assert_int_equal(
            com_invoke(world.com,
                    &(struct com_invocation){
                            .object = list, .member = HN_TEXT("add"), .args = args, .count = 2 },
                    &value),
            457);
    (void)com_invoke(world.com,
            &(struct com_invocation){
                    .object = list, .member = HN_TEXT(""), .args = args, .count = 1 },
            &value);
    assert_ptr_equal(value.foreign, &mine);
    assert_true(com_items(world.com, list, &items, &count));
    assert_int_equal(count, 1);
    assert_true(items[0].kind == COM_NUMBER && items[0].number == 1);
    assert_false(com_items(world.com, made(&world, "WScript.Shell"), &items, &count));
    *com_wrapper(list) = &world;
    assert_ptr_equal(*com_wrapper(list), &world);
    world_deinit(&world);
}

/* Process ids and registry values come back by reference; other arguments are left alone. */
static void references_are_written(void **state)
{
    struct world world;
    struct com_object *class;
    struct com_value args[4];
    struct com_value outs[4];
    struct com_value value;

    (void)state;
    assert_true(world_init(&world));
    class = com_wmi_class(world.com, HN_TEXT("Win32_Process"));
    for (size_t i = 0; i < 4; i++)
        args[i] = text(&world, "calc");
    (void)com_invoke(world.com,
            &(struct com_invocation){ .object = class,
                    .member = HN_TEXT("Create"),
                    .args = args,
                    .count = 4,
                    .outs = outs },
            &value);
    assert_true(value.kind == COM_NUMBER && value.number == 0);
    assert_int_equal(outs[0].kind, COM_MISSING);
    assert_int_equal(outs[3].kind, COM_UNKNOWN);
    assert_told(&world, "ParentImage=C:\\Windows\\System32\\wbem\\WmiPrvSE.exe");
    world_deinit(&world);
}

/* What a server sent is followed through streams, files and copies. */
static void downloads_keep_their_address(void **state)
{
    struct world world;
    struct com_object *http;
    struct com_object *stream;
    struct com_object *files;
    struct com_value body;
    struct com_value ignored;

    (void)state;
    assert_true(world_init(&world));
    http = made(&world, "MSXML2.ServerXMLHTTP.6.0");
    stream = made(&world, "ADODB.Stream");
    files = made(&world, "Scripting.FileSystemObject");
    (void)call(&world, http, "Open", ARGS("GET", "http://a.example/{x}"));
    (void)call(&world, http, "Send", NULL);
    body = call(&world, http, "ResponseBody", NULL);
    (void)com_invoke(world.com,
            &(struct com_invocation){
                    .object = stream, .member = HN_TEXT("Write"), .args = &body, .count = 1 },
            &ignored);
    (void)call(&world, stream, "SaveToFile", ARGS("C:\\a.exe"));
    (void)call(&world, files, "CopyFile", ARGS("c:\\A.exe", "C:\\b.exe"));
    assert_told(&world, "SaveToFile TargetFilename=C:\\a.exe Url=http://a.example/{x}\n");
    assert_told(&world, "CopyFile TargetFilename=C:\\b.exe Url=http://a.example/{x}\n");
    assert_true(call(&world, files, "FileExists", ARGS("C:\\b.exe")).truth);
    assert_int_equal(call(&world, files, "FileExists", ARGS("C:\\c.exe")).kind, COM_UNKNOWN);
    world_deinit(&world);
}

/* A stream of text is told when it is closed, once, or at the end. */
static void open_files_are_told_at_the_end(void **state)
{
    struct world world;
    struct com_object *files;
    struct com_object *stream;

    (void)state;
    assert_true(world_init(&world));
    files = made(&world, "Scripting.FileSystemObject");
    stream = call(&world, files, "CreateTextFile", ARGS("C:\\a.txt")).object;
    (void)call(&world, stream, "WriteLine", ARGS("x"));
    assert_true(hn_text_find(hn_buf_text(&world.told), HN_TEXT("file_write"), 0) == SIZE_MAX);
    com_close_files(world.com);
    assert_told(&world, "file_write TextStream.Write TargetFilename=C:\\a.txt Sha256=");
    assert_text(&world,
            call(&world, call(&world, files, "OpenTextFile", ARGS("C:\\A.TXT", "1")).object,
                    "ReadAll", NULL),
            "x\r\n");
    world_deinit(&world);
}

static void environment_is_kept(void **state)
{
    struct world world;
    struct com_object *shell;
    struct com_value name;
    struct com_value value;
    struct com_value ignored;

    (void)state;
    assert_true(world_init(&world));
    shell = made(&world, "WScript.Shell");
    name = text(&world, "payload");
    value = text(&world, "calc");
    (void)com_invoke(world.com,
            &(struct com_invocation){
                    .object = call(&world, shell, "Environment", ARGS("PROCESS")).object,
                    .member = HN_TEXT(""),
                    .args = &name,
                    .count = 1,
                    .put = &value },
            &ignored);
    assert_text(&world, call(&world, shell, "ExpandEnvironmentStrings", ARGS("%PAYLOAD% %no% %")),
            "calc %no% %");
    assert_text(&world, com_environment(world.com, HN_TEXT("windir"), 1), "C:\\Windows");
    assert_int_equal(com_environment(world.com, HN_TEXT("USERNAME"), 1).kind, COM_UNKNOWN);
    assert_told(&world, "environment Environ Name=USERNAME\n");
    world_deinit(&world);
}

static void hosts_are_asked(void **state)
{
    struct world world;
    struct com_object *host;
    struct com_value value;

    (void)state;
    assert_true(world_init(&world));
    host = com_ambient(world.com, HN_TEXT("WScript"));
    assert_text(&world, call(&world, host, "ScriptFullName", NULL), "C:\\d\\a.js");
    assert_true(com_default(world.com, host, &value));
    assert_text(&world, value, "Windows Script Host");
    (void)call(&world, host, "Quit", NULL);
    assert_int_equal(world.quits, 1);
    world_deinit(&world);
}

/* nodeTypedValue after text is bytes, text after nodeTypedValue is its code. */
static void codes_go_both_ways(void **state)
{
    struct world world;
    struct com_object *node;
    struct com_value bytes;

    (void)state;
    assert_true(world_init(&world));
    node = call(&world, made(&world, "MSXML2.DOMDocument.6.0"), "createElement", ARGS("x")).object;
    put(&world, node, "dataType", text(&world, "bin.base64"));
    put(&world, node, "text", text(&world, "TVqQ\r\nAA=="));
    bytes = call(&world, node, "nodeTypedValue", NULL);
    assert_int_equal(bytes.kind, COM_BYTES);
    assert_int_equal(bytes.text->units, 4);
    put(&world, node, "dataType", text(&world, "bin.hex"));
    put(&world, node, "nodeTypedValue", bytes);
    assert_text(&world, call(&world, node, "text", NULL), "4d5a9000");
    put(&world, node, "dataType", text(&world, "bin.base64"));
    put(&world, node, "text", text(&world, "%%%"));
    assert_int_equal(call(&world, node, "nodeTypedValue", NULL).kind, COM_UNKNOWN);
    world_deinit(&world);
}

/* A text written where bytes are asked for reads as bytes, whatever its letters are. */
static void streams_give_bytes(void **state)
{
    struct world world;
    struct com_object *stream;
    struct com_value bytes;

    (void)state;
    assert_true(world_init(&world));
    stream = made(&world, "ADODB.Stream");
    (void)call(&world, stream, "Write", ARGS("a\xE2\x82\xAC"));
    bytes = call(&world, stream, "Read", NULL);
    assert_int_equal(bytes.kind, COM_BYTES);
    assert_int_equal(bytes.text->units, 4);
    put(&world, stream, "Position", com_value_number(1));
    stream = made(&world, "ADODB.Stream");
    (void)call(&world, stream, "Write", ARGS("abc"));
    put(&world, stream, "Position", com_value_number(1));
    assert_text(&world, call(&world, stream, "Read", NULL), "bc");
    world_deinit(&world);
}

/* The XML of a task, and of a document, is read for what it holds. */
static void xml_is_looked_into(void **state)
{
    struct world world;
    struct com_object *folder;
    struct com_object *dom;

    (void)state;
    assert_true(world_init(&world));
    folder = call(&world, made(&world, "Schedule.Service"), "GetFolder", ARGS("\\")).object;
    (void)call(&world, folder, "RegisterTask",
            ARGS("T",
                    "<Task><Exec><Command>a.exe</Command><Arguments>-b</Arguments></Exec></Task>"));
    assert_told(&world,
            "scheduled_task Schedule.Service.RegisterTask TaskName=T CommandLine=a.exe -b\n");
    (void)call(&world, folder, "RegisterTask", ARGS("U", "<Task><Command>"));
    assert_told(&world, "TaskName=U\n");
    dom = made(&world, "Microsoft.XMLDOM");
    (void)call(&world, dom, "loadXML", ARGS("<e xmlns:dt=\"urn:d\" dt:dt=\"bin.base64\">eHk=</e>"));
    assert_text(&world,
            call(&world, call(&world, dom, "documentElement", NULL).object, "nodeTypedValue", NULL),
            "xy");
    world_deinit(&world);
}

static const char *const programs[] = { "WScript.Shell", "Shell.Application", "WScript.Network",
    "WbemScripting.SWbemLocator", "Schedule.Service", "MSXML2.XMLHTTP", "ADODB.Stream",
    "ADODB.Recordset", "Scripting.FileSystemObject", "Microsoft.XMLDOM", "System.Text.UTF8Encoding",
    "Scripting.Dictionary", "Collection", "System.Collections.ArrayList", "VBScript.RegExp",
    "ScriptControl", "Excel.Application", "Outlook.Application", "WindowsInstaller.Installer",
    "InternetExplorer.Application", "System.Security.Cryptography.FromBase64Transform" };

static void use_all(struct world *world)
{
    for (size_t i = 0; i < HN_COUNT_OF(programs) && script_goes_on(&world->run); i++) {
        struct com_object *object = made(world, programs[i]);

        if (object == NULL)
            continue;
        (void)call(world, object, "Open", ARGS("GET", "http://a.example/"));
        (void)call(world, object, "Add", ARGS("key", "value"));
        (void)call(world, object, "Run", ARGS("cmd /c %TEMP%\\a"));
        (void)call(world, object, "WriteText", ARGS("content"));
        (void)call(world, object, "SaveToFile", ARGS("C:\\a.vbs"));
        put(world, object, "Pattern", text(world, "(t)e"));
        (void)call(world, object, "Execute", ARGS("text"));
        (void)call(world, object, "Replace", ARGS("text", "$1"));
        (void)call(world, object, "CreateTextFile", ARGS("C:\\b.txt"));
    }
    com_close_files(world->com);
}

static void failing_allocations_are_survived(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 100000; n++) {
        struct world world;
        uint64_t hits;

        hn_mem_fail_from(n);
        if (world_init(&world))
            use_all(&world);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        world_deinit(&world);
        if (hits == 0)
            return;
    }
    fail_msg("it never ends");
}

/* Every limit of steps ends within it. */
static void limits_hold(void **state)
{
    (void)state;
    for (uint64_t steps = 0; steps < 600; steps++) {
        struct world world;

        assert_true(world_init(&world));
        world.run.limits.steps_max = steps;
        use_all(&world);
        assert_true(world.run.steps <= steps);
        world_deinit(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_give_objects),
        cmocka_unit_test(unknown_members_go_on),
        cmocka_unit_test(values_come_back_as_they_are),
        cmocka_unit_test(references_are_written),
        cmocka_unit_test(downloads_keep_their_address),
        cmocka_unit_test(open_files_are_told_at_the_end),
        cmocka_unit_test(environment_is_kept),
        cmocka_unit_test(hosts_are_asked),
        cmocka_unit_test(codes_go_both_ways),
        cmocka_unit_test(streams_give_bytes),
        cmocka_unit_test(xml_is_looked_into),
        cmocka_unit_test(failing_allocations_are_survived),
        cmocka_unit_test(limits_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
