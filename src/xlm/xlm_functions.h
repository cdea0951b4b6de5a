/* xlm_functions.h - every function that is modelled: X(name, function), Y for those that reach out
 * of the workbook or change it. A function is added by a row here, its
 * name in the list below and its body in xlm_fn_*.c. */
#ifndef HN_XLM_FUNCTIONS_H
#define HN_XLM_FUNCTIONS_H

#include "xlm/xlm_internal.h"

#define XL_FUNCTIONS(X, Y)                  \
    X("CHAR", xl_fn_char)                   \
    X("UNICHAR", xl_fn_unichar)             \
    X("CODE", xl_fn_code)                   \
    X("UNICODE", xl_fn_code)                \
    X("MID", xl_fn_mid)                     \
    X("MIDB", xl_fn_mid)                    \
    X("LEFT", xl_fn_left)                   \
    X("LEFTB", xl_fn_left)                  \
    X("RIGHT", xl_fn_right)                 \
    X("RIGHTB", xl_fn_right)                \
    X("LEN", xl_fn_len)                     \
    X("LENB", xl_fn_len)                    \
    X("CONCATENATE", xl_fn_concatenate)     \
    X("CONCAT", xl_fn_concatenate)          \
    X("TEXTJOIN", xl_fn_textjoin)           \
    X("SEARCH", xl_fn_search)               \
    X("FIND", xl_fn_find)                   \
    X("REPLACE", xl_fn_replace)             \
    X("SUBSTITUTE", xl_fn_substitute)       \
    X("UPPER", xl_fn_upper)                 \
    X("LOWER", xl_fn_lower)                 \
    X("PROPER", xl_fn_proper)               \
    X("TRIM", xl_fn_trim)                   \
    X("CLEAN", xl_fn_clean)                 \
    X("REPT", xl_fn_rept)                   \
    X("EXACT", xl_fn_exact)                 \
    X("T", xl_fn_t)                         \
    X("N", xl_fn_n)                         \
    X("VALUE", xl_fn_value)                 \
    X("TEXT", xl_fn_text)                   \
    X("FIXED", xl_fn_fixed)                 \
    X("ROUND", xl_fn_round)                 \
    X("ROUNDUP", xl_fn_roundup)             \
    X("ROUNDDOWN", xl_fn_rounddown)         \
    X("TRUNC", xl_fn_rounddown)             \
    X("INT", xl_fn_int)                     \
    X("MOD", xl_fn_mod)                     \
    X("QUOTIENT", xl_fn_quotient)           \
    X("ABS", xl_fn_abs)                     \
    X("SIGN", xl_fn_sign)                   \
    X("SQRT", xl_fn_sqrt)                   \
    X("POWER", xl_fn_power)                 \
    X("EXP", xl_fn_exp)                     \
    X("LN", xl_fn_ln)                       \
    X("LOG10", xl_fn_log10)                 \
    X("LOG", xl_fn_log)                     \
    X("SIN", xl_fn_sin)                     \
    X("COS", xl_fn_cos)                     \
    X("TAN", xl_fn_tan)                     \
    X("FACT", xl_fn_fact)                   \
    X("PI", xl_fn_pi)                       \
    X("CEILING", xl_fn_ceiling)             \
    X("FLOOR", xl_fn_floor)                 \
    X("EVEN", xl_fn_even)                   \
    X("ODD", xl_fn_odd)                     \
    X("SUM", xl_fn_sum)                     \
    X("PRODUCT", xl_fn_product)             \
    X("MAX", xl_fn_max)                     \
    X("MIN", xl_fn_min)                     \
    X("AVERAGE", xl_fn_average)             \
    X("COUNT", xl_fn_count)                 \
    X("COUNTA", xl_fn_counta)               \
    X("COUNTBLANK", xl_fn_countblank)       \
    X("BITXOR", xl_fn_bitxor)               \
    X("BITAND", xl_fn_bitand)               \
    X("BITOR", xl_fn_bitor)                 \
    X("BITLSHIFT", xl_fn_bitlshift)         \
    X("BITRSHIFT", xl_fn_bitrshift)         \
    X("HEX2DEC", xl_fn_hex2dec)             \
    X("OCT2DEC", xl_fn_oct2dec)             \
    X("BIN2DEC", xl_fn_bin2dec)             \
    X("DECIMAL", xl_fn_decimal)             \
    X("DEC2HEX", xl_fn_dec2hex)             \
    X("DEC2OCT", xl_fn_dec2oct)             \
    X("DEC2BIN", xl_fn_dec2bin)             \
    X("BASE", xl_fn_base)                   \
    X("AND", xl_fn_and)                     \
    X("OR", xl_fn_or)                       \
    X("XOR", xl_fn_xor)                     \
    X("NOT", xl_fn_not)                     \
    X("TRUE", xl_fn_true)                   \
    X("FALSE", xl_fn_false)                 \
    X("NA", xl_fn_na)                       \
    X("ISERROR", xl_fn_iserror)             \
    X("ISERR", xl_fn_iserror)               \
    X("ISNA", xl_fn_isna)                   \
    X("ISNUMBER", xl_fn_isnumber)           \
    X("ISTEXT", xl_fn_istext)               \
    X("ISNONTEXT", xl_fn_isnontext)         \
    X("ISLOGICAL", xl_fn_islogical)         \
    X("ISBLANK", xl_fn_isblank)             \
    X("ISREF", xl_fn_isref)                 \
    X("IFERROR", xl_fn_iferror)             \
    X("IFNA", xl_fn_iferror)                \
    X("INDEX", xl_fn_index)                 \
    X("OFFSET", xl_fn_offset)               \
    X("MATCH", xl_fn_match)                 \
    X("VLOOKUP", xl_fn_vlookup)             \
    X("HLOOKUP", xl_fn_hlookup)             \
    X("LOOKUP", xl_fn_lookup)               \
    X("ROWS", xl_fn_rows)                   \
    X("COLUMNS", xl_fn_columns)             \
    X("ROW", xl_fn_row)                     \
    X("COLUMN", xl_fn_column)               \
    X("ABSREF", xl_fn_absref)               \
    X("RELREF", xl_fn_relref)               \
    X("INDIRECT", xl_fn_indirect)           \
    X("TEXTREF", xl_fn_textref)             \
    X("REFTEXT", xl_fn_reftext)             \
    X("ADDRESS", xl_fn_address)             \
    X("DEREF", xl_fn_deref)                 \
    X("ACTIVE.CELL", xl_fn_active_cell)     \
    X("SELECTION", xl_fn_active_cell)       \
    X("CALLER", xl_fn_caller)               \
    X("EVALUATE", xl_fn_evaluate)           \
    X("FORMULA.CONVERT", xl_fn_convert)     \
    X("GET.FORMULA", xl_fn_get_formula)     \
    X("GET.CELL", xl_fn_get_cell)           \
    X("GET.NAME", xl_fn_get_name)           \
    X("GET.WORKSPACE", xl_fn_get_workspace) \
    X("GET.WINDOW", xl_fn_get_window)       \
    X("NOW", xl_fn_now)                     \
    X("TODAY", xl_fn_now)                   \
    X("DAY", xl_fn_day)                     \
    X("MONTH", xl_fn_month)                 \
    X("WEEKDAY", xl_fn_weekday)             \
    X("HOUR", xl_fn_hour)                   \
    X("YEAR", xl_fn_year)                   \
    X("MINUTE", xl_fn_minute)               \
    X("SECOND", xl_fn_second)               \
    X("DATE", xl_fn_date)                   \
    X("DATEVALUE", xl_fn_datevalue)         \
    X("TIME", xl_fn_time)                   \
    X("TIMEVALUE", xl_fn_timevalue)         \
    X("EDATE", xl_fn_edate)                 \
    X("EOMONTH", xl_fn_eomonth)             \
    X("DAYS", xl_fn_days)                   \
    X("APP.TITLE", xl_fn_nothing)           \
    X("GOTO", xl_fn_goto)                   \
    X("RETURN", xl_fn_return)               \
    X("HALT", xl_fn_halt)                   \
    X("CLOSE", xl_fn_halt)                  \
    X("FILE.CLOSE", xl_fn_halt)             \
    X("QUIT", xl_fn_halt)                   \
    X("ARGUMENT", xl_fn_argument)           \
    X("RESULT", xl_fn_nothing)              \
    X("ERROR", xl_fn_error)                 \
    X("APP.MAXIMIZE", xl_fn_nothing)        \
    X("APP.MINIMIZE", xl_fn_nothing)        \
    X("APP.RESTORE", xl_fn_nothing)         \
    X("APP.ACTIVATE", xl_fn_nothing)        \
    X("ACTIVATE", xl_fn_nothing)            \
    X("BEEP", xl_fn_nothing)                \
    X("CALCULATE.NOW", xl_fn_nothing)       \
    X("CALCULATION", xl_fn_nothing)         \
    X("CANCEL.KEY", xl_fn_nothing)          \
    X("CLEAR", xl_fn_nothing)               \
    X("COLUMN.WIDTH", xl_fn_nothing)        \
    X("ROW.HEIGHT", xl_fn_nothing)          \
    X("DELETE.NAME", xl_fn_nothing)         \
    X("DISPLAY", xl_fn_nothing)             \
    X("ECHO", xl_fn_nothing)                \
    X("EDIT.DELETE", xl_fn_nothing)         \
    X("FORMAT.FONT", xl_fn_nothing)         \
    X("FORMAT.NUMBER", xl_fn_nothing)       \
    X("FULL", xl_fn_nothing)                \
    X("FULL.SCREEN", xl_fn_nothing)         \
    X("HIDE", xl_fn_nothing)                \
    X("UNHIDE", xl_fn_nothing)              \
    X("HSCROLL", xl_fn_nothing)             \
    X("VSCROLL", xl_fn_nothing)             \
    X("MESSAGE", xl_fn_nothing)             \
    X("NEW", xl_fn_nothing)                 \
    X("PROTECT.DOCUMENT", xl_fn_nothing)    \
    X("SAVE", xl_fn_nothing)                \
    X("SET.PRINT.AREA", xl_fn_nothing)      \
    X("SHOW.TOOLBAR", xl_fn_nothing)        \
    X("STEP", xl_fn_nothing)                \
    X("VOLATILE", xl_fn_nothing)            \
    X("UNDO", xl_fn_nothing)                \
    X("WINDOW.HIDE", xl_fn_nothing)         \
    X("WINDOW.MAXIMIZE", xl_fn_nothing)     \
    X("WINDOW.MINIMIZE", xl_fn_nothing)     \
    X("WINDOW.RESTORE", xl_fn_nothing)      \
    X("WINDOW.SIZE", xl_fn_nothing)         \
    X("WINDOW.MOVE", xl_fn_nothing)         \
    X("WORKBOOK.ACTIVATE", xl_fn_nothing)   \
    X("WORKBOOK.HIDE", xl_fn_nothing)       \
    X("WORKBOOK.INSERT", xl_fn_nothing)     \
    X("WORKBOOK.PROTECT", xl_fn_nothing)    \
    X("WORKBOOK.SELECT", xl_fn_nothing)     \
    X("WORKBOOK.UNHIDE", xl_fn_nothing)     \
    X("SELECT", xl_fn_select)               \
    X("SELECT.END", xl_fn_nothing)          \
    Y("RUN", xl_fn_run)                     \
    Y("ON.TIME", xl_fn_on_time)             \
    Y("ON.SHEET", xl_fn_on_event)           \
    Y("ON.WINDOW", xl_fn_on_event)          \
    Y("ON.KEY", xl_fn_on_event)             \
    Y("ON.ENTRY", xl_fn_on_event)           \
    Y("ON.DATA", xl_fn_on_event)            \
    Y("ON.RECALC", xl_fn_on_event)          \
    Y("ON.DOUBLECLICK", xl_fn_on_event)     \
    Y("SET.NAME", xl_fn_set_name)           \
    Y("DEFINE.NAME", xl_fn_define_name)     \
    Y("SET.VALUE", xl_fn_set_value)         \
    Y("COPY", xl_fn_copy)                   \
    Y("CUT", xl_fn_cut)                     \
    Y("PASTE", xl_fn_paste)                 \
    Y("PASTE.SPECIAL", xl_fn_paste_special) \
    Y("FORMULA", xl_fn_formula)             \
    Y("FORMULA.ARRAY", xl_fn_formula)       \
    Y("FORMULA.FILL", xl_fn_formula_fill)   \
    Y("WAIT", xl_fn_wait)                   \
    Y("EXEC", xl_fn_exec)                   \
    Y("CALL", xl_fn_call)                   \
    Y("REGISTER", xl_fn_register)           \
    Y("REGISTER.ID", xl_fn_register)        \
    Y("UNREGISTER", xl_fn_nothing)          \
    Y("FOPEN", xl_fn_fopen)                 \
    Y("FWRITE", xl_fn_fwrite)               \
    Y("FWRITELN", xl_fn_fwriteln)           \
    Y("FCLOSE", xl_fn_fclose)               \
    Y("FREAD", xl_fn_fread)                 \
    Y("FREADLN", xl_fn_fread)               \
    Y("FSIZE", xl_fn_fread)                 \
    Y("FPOS", xl_fn_fread)                  \
    Y("FILE.DELETE", xl_fn_file_delete)     \
    Y("FILES", xl_fn_files)                 \
    Y("FILE.EXISTS", xl_fn_files)           \
    Y("DIRECTORY", xl_fn_directory)         \
    Y("DOCUMENTS", xl_fn_machine)           \
    Y("CREATE.DIRECTORY", xl_fn_directory)  \
    Y("OPEN", xl_fn_open_file)              \
    Y("OPEN.TEXT", xl_fn_open_file)         \
    Y("SAVE.AS", xl_fn_save_as)             \
    Y("SAVE.COPY.AS", xl_fn_save_as)        \
    Y("HYPERLINK", xl_fn_hyperlink)         \
    Y("WEBSERVICE", xl_fn_webservice)       \
    Y("ALERT", xl_fn_alert)                 \
    Y("INPUT", xl_fn_input)                 \
    Y("DIALOG.BOX", xl_fn_input)            \
    Y("INITIATE", xl_fn_initiate)           \
    Y("EXECUTE", xl_fn_execute)             \
    Y("POKE", xl_fn_execute)                \
    Y("REQUEST", xl_fn_machine)             \
    Y("TERMINATE", xl_fn_nothing)           \
    Y("SEND.KEYS", xl_fn_send_keys)         \
    Y("SEND.MAIL", xl_fn_send_mail)         \
    Y("GET.DOCUMENT", xl_fn_machine)        \
    Y("GET.WORKBOOK", xl_fn_machine)        \
    Y("GET.OBJECT", xl_fn_machine)          \
    Y("GET.NOTE", xl_fn_machine)            \
    Y("GET.DEF", xl_fn_machine)             \
    Y("GET.CHART.ITEM", xl_fn_machine)      \
    Y("GET.TOOL", xl_fn_machine)            \
    Y("GET.TOOLBAR", xl_fn_machine)         \
    Y("GET.BAR", xl_fn_machine)             \
    Y("GET.MOVIE", xl_fn_machine)           \
    Y("GET.PIVOT.TABLE", xl_fn_machine)     \
    Y("INFO", xl_fn_machine)                \
    Y("CELL", xl_fn_machine)                \
    Y("WINDOWS", xl_fn_machine)             \
    Y("NAMES", xl_fn_machine)               \
    Y("LINKS", xl_fn_machine)               \
    Y("LAST.ERROR", xl_fn_machine)          \
    Y("WINDOW.TITLE", xl_fn_nothing)        \
    Y("RAND", xl_fn_machine)                \
    Y("RANDBETWEEN", xl_fn_machine)

xl_fn xl_fn_char, xl_fn_unichar, xl_fn_code, xl_fn_mid, xl_fn_left, xl_fn_right, xl_fn_len,
        xl_fn_concatenate, xl_fn_textjoin, xl_fn_search, xl_fn_find, xl_fn_replace,
        xl_fn_substitute, xl_fn_upper, xl_fn_lower, xl_fn_proper, xl_fn_trim, xl_fn_clean,
        xl_fn_rept, xl_fn_exact, xl_fn_t, xl_fn_n, xl_fn_value, xl_fn_text, xl_fn_fixed,
        xl_fn_round, xl_fn_roundup, xl_fn_rounddown, xl_fn_int, xl_fn_mod, xl_fn_quotient,
        xl_fn_abs, xl_fn_sign, xl_fn_sqrt, xl_fn_power, xl_fn_exp, xl_fn_ln, xl_fn_log10, xl_fn_log,
        xl_fn_sin, xl_fn_cos, xl_fn_tan, xl_fn_fact, xl_fn_pi, xl_fn_ceiling, xl_fn_floor,
        xl_fn_even, xl_fn_odd, xl_fn_sum, xl_fn_product, xl_fn_max, xl_fn_min, xl_fn_average,
        xl_fn_count, xl_fn_counta, xl_fn_countblank, xl_fn_bitxor, xl_fn_bitand, xl_fn_bitor,
        xl_fn_bitlshift, xl_fn_bitrshift, xl_fn_hex2dec, xl_fn_oct2dec, xl_fn_bin2dec,
        xl_fn_decimal, xl_fn_dec2hex, xl_fn_dec2oct, xl_fn_dec2bin, xl_fn_base, xl_fn_and, xl_fn_or,
        xl_fn_xor, xl_fn_not, xl_fn_true, xl_fn_false, xl_fn_na, xl_fn_iserror, xl_fn_isna,
        xl_fn_isnumber, xl_fn_istext, xl_fn_isnontext, xl_fn_islogical, xl_fn_isblank, xl_fn_isref,
        xl_fn_iferror, xl_fn_index, xl_fn_offset, xl_fn_match, xl_fn_vlookup, xl_fn_hlookup,
        xl_fn_lookup, xl_fn_rows, xl_fn_columns, xl_fn_row, xl_fn_column, xl_fn_absref,
        xl_fn_relref, xl_fn_indirect, xl_fn_textref, xl_fn_reftext, xl_fn_address, xl_fn_deref,
        xl_fn_active_cell, xl_fn_caller, xl_fn_evaluate, xl_fn_convert, xl_fn_get_formula,
        xl_fn_get_cell, xl_fn_get_name, xl_fn_get_workspace, xl_fn_get_window, xl_fn_now, xl_fn_day,
        xl_fn_month, xl_fn_weekday, xl_fn_hour, xl_fn_year, xl_fn_goto, xl_fn_return, xl_fn_halt,
        xl_fn_argument, xl_fn_nothing, xl_fn_error, xl_fn_select, xl_fn_run, xl_fn_on_time,
        xl_fn_on_event, xl_fn_set_name, xl_fn_define_name, xl_fn_set_value, xl_fn_formula,
        xl_fn_formula_fill, xl_fn_wait, xl_fn_exec, xl_fn_call, xl_fn_register, xl_fn_fopen,
        xl_fn_fwrite, xl_fn_fwriteln, xl_fn_fclose, xl_fn_fread, xl_fn_file_delete, xl_fn_files,
        xl_fn_directory, xl_fn_machine, xl_fn_open_file, xl_fn_save_as, xl_fn_hyperlink,
        xl_fn_webservice, xl_fn_alert, xl_fn_input, xl_fn_initiate, xl_fn_execute, xl_fn_send_keys,
        xl_fn_send_mail, xl_fn_minute, xl_fn_second, xl_fn_date, xl_fn_datevalue, xl_fn_time,
        xl_fn_timevalue, xl_fn_edate, xl_fn_eomonth, xl_fn_days, xl_fn_copy, xl_fn_cut, xl_fn_paste,
        xl_fn_paste_special;

/* xlm_fn_date.c: a serial number as TEXT() writes dates; false: the format is none of a date. */
bool xl_date_text(double serial, struct hn_text format, struct hn_buf *out);

#endif
