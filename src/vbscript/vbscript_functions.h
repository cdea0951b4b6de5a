/* vbscript_functions.h - Basic's functions, one by one, for the table in vbscript_builtin.c. */
#ifndef HN_VBSCRIPT_FUNCTIONS_H
#define HN_VBSCRIPT_FUNCTIONS_H

#include "vbscript/vbscript_internal.h"

/* X(name in the source, function, least arguments, most, is given unknown ones) */
#define VB_BUILTIN_LIST(X)                      \
    X(left, left, 2, 2, false)                  \
    X(leftb, left, 2, 2, false)                 \
    X(right, right, 2, 2, false)                \
    X(rightb, right, 2, 2, false)               \
    X(mid, mid, 2, 3, false)                    \
    X(midb, midb, 2, 3, false)                  \
    X(len, len, 1, 1, true)                     \
    X(lenb, lenb, 1, 1, true)                   \
    X(lcase, lcase, 1, 1, false)                \
    X(ucase, ucase, 1, 1, false)                \
    X(strreverse, strreverse, 1, 1, false)      \
    X(trim, trim, 1, 1, false)                  \
    X(ltrim, ltrim, 1, 1, false)                \
    X(rtrim, rtrim, 1, 1, false)                \
    X(space, space, 1, 1, false)                \
    X(string, string, 2, 2, false)              \
    X(instr, instr, 2, 4, false)                \
    X(instrb, instr, 2, 4, false)               \
    X(instrrev, instrrev, 2, 4, false)          \
    X(replace, replace, 3, 6, false)            \
    X(split, split, 1, 4, false)                \
    X(join, join, 1, 2, false)                  \
    X(filter, filter, 2, 4, false)              \
    X(strcomp, strcomp, 2, 3, false)            \
    X(chr, chr, 1, 1, false)                    \
    X(chrb, chr, 1, 1, false)                   \
    X(chrw, chrw, 1, 1, false)                  \
    X(asc, asc, 1, 1, false)                    \
    X(ascw, ascw, 1, 1, false)                  \
    X(ascb, ascb, 1, 1, false)                  \
    X(strconv, strconv, 2, 3, false)            \
    X(abs, abs, 1, 1, false)                    \
    X(sgn, sgn, 1, 1, false)                    \
    X(int, int, 1, 1, false)                    \
    X(fix, fix, 1, 1, false)                    \
    X(round, round, 1, 2, false)                \
    X(sqr, sqr, 1, 1, false)                    \
    X(exp, exp, 1, 1, false)                    \
    X(log, log, 1, 1, false)                    \
    X(sin, sin, 1, 1, false)                    \
    X(cos, cos, 1, 1, false)                    \
    X(tan, tan, 1, 1, false)                    \
    X(atn, atn, 1, 1, false)                    \
    X(hex, hex, 1, 1, false)                    \
    X(oct, oct, 1, 1, false)                    \
    X(val, val, 1, 1, false)                    \
    X(str, str, 1, 1, false)                    \
    X(cint, cint, 1, 1, false)                  \
    X(clng, clng, 1, 1, false)                  \
    X(clnglng, clnglng, 1, 1, false)            \
    X(clngptr, clnglng, 1, 1, false)            \
    X(cbyte, cbyte, 1, 1, false)                \
    X(cdbl, cdbl, 1, 1, false)                  \
    X(csng, csng, 1, 1, false)                  \
    X(ccur, cdbl, 1, 1, false)                  \
    X(cdec, cdbl, 1, 1, false)                  \
    X(cbool, cbool, 1, 1, false)                \
    X(cstr, cstr, 1, 1, false)                  \
    X(cvar, cvar, 1, 1, true)                   \
    X(rgb, rgb, 3, 3, false)                    \
    X(format, format, 1, 4, false)              \
    X(isempty, isempty, 1, 1, true)             \
    X(isnull, isnull, 1, 1, true)               \
    X(ismissing, ismissing, 1, 1, true)         \
    X(isnumeric, isnumeric, 1, 1, false)        \
    X(isarray, isarray, 1, 1, true)             \
    X(isobject, isobject, 1, 1, true)           \
    X(vartype, vartype, 1, 1, true)             \
    X(typename, typename, 1, 1, true)           \
    X(array, array, 0, 255, true)               \
    X(ubound, ubound, 1, 2, true)               \
    X(lbound, lbound, 1, 2, true)               \
    X(iif, iif, 3, 3, true)                     \
    X(choose, choose, 2, 64, true)              \
    X(switch, switch, 2, 64, true)              \
    X(environ, environ, 0, 1, true)             \
    X(getresource, getresource, 1, 1, true)     \
    X(shell, shell, 1, 2, true)                 \
    X(createobject, createobject, 1, 2, true)   \
    X(getobject, getobject, 0, 2, true)         \
    X(msgbox, msgbox, 1, 5, true)               \
    X(inputbox, inputbox, 1, 7, true)           \
    X(sendkeys, sendkeys, 1, 2, true)           \
    X(callbyname, callbyname, 3, 64, true)      \
    X(eval, eval, 1, 1, true)                   \
    X(execute, execute, 1, 1, true)             \
    X(executeglobal, executeglobal, 1, 1, true) \
    X(getref, getref, 1, 1, true)               \
    X(kill, kill, 1, 1, true)                   \
    X(filecopy, filecopy, 2, 2, true)           \
    X(savesetting, savesetting, 4, 4, true)     \
    X(freefile, freefile, 0, 1, true)           \
    X(load, load, 1, 1, true)                   \
    X(escape, escape, 1, 1, false)              \
    X(unescape, unescape, 1, 1, false)          \
    X(setlocale, quiet, 0, 1, true)             \
    X(doevents, quiet, 0, 0, true)              \
    X(beep, quiet, 0, 0, true)                  \
    X(randomize, quiet, 0, 1, true)             \
    X(unload, quiet, 1, 1, true)                \
    X(chdir, quiet, 1, 1, true)                 \
    X(chdrive, quiet, 1, 1, true)               \
    X(mkdir, quiet, 1, 1, true)                 \
    X(rmdir, quiet, 1, 1, true)                 \
    X(setattr, quiet, 2, 2, true)               \
    X(appactivate, quiet, 1, 2, true)           \
    X(deletesetting, quiet, 1, 3, true)         \
    X(reset, quiet, 0, 0, true)                 \
    X(now, unknown, 0, 0, true)                 \
    X(date, unknown, 0, 0, true)                \
    X(time, unknown, 0, 0, true)                \
    X(timer, unknown, 0, 0, true)               \
    X(rnd, unknown, 0, 1, true)                 \
    X(dir, unknown, 0, 2, true)                 \
    X(curdir, unknown, 0, 1, true)              \
    X(getattr, unknown, 1, 1, true)             \
    X(filelen, unknown, 1, 1, true)             \
    X(filedatetime, unknown, 1, 1, true)        \
    X(eof, unknown, 1, 1, true)                 \
    X(lof, unknown, 1, 1, true)                 \
    X(loc, unknown, 1, 1, true)                 \
    X(input, unknown, 1, 2, true)               \
    X(command, unknown, 0, 0, true)             \
    X(getsetting, unknown, 3, 4, true)          \
    X(cdate, unknown, 1, 1, true)               \
    X(isdate, unknown, 1, 1, true)              \
    X(iserror, unknown, 1, 1, true)             \
    X(dateadd, unknown, 3, 3, true)             \
    X(datediff, unknown, 3, 5, true)            \
    X(datepart, unknown, 2, 4, true)            \
    X(dateserial, unknown, 3, 3, true)          \
    X(datevalue, unknown, 1, 1, true)           \
    X(timeserial, unknown, 3, 3, true)          \
    X(timevalue, unknown, 1, 1, true)           \
    X(year, unknown, 1, 1, true)                \
    X(month, unknown, 1, 1, true)               \
    X(day, unknown, 1, 1, true)                 \
    X(hour, unknown, 1, 1, true)                \
    X(minute, unknown, 1, 1, true)              \
    X(second, unknown, 1, 1, true)              \
    X(weekday, unknown, 1, 2, true)             \
    X(weekdayname, unknown, 1, 3, true)         \
    X(monthname, unknown, 1, 2, true)           \
    X(formatdatetime, unknown, 1, 2, true)      \
    X(formatnumber, unknown, 1, 5, true)        \
    X(formatcurrency, unknown, 1, 5, true)      \
    X(formatpercent, unknown, 1, 5, true)       \
    X(strptr, strptr, 1, 1, true)               \
    X(varptr, unknown, 1, 1, true)              \
    X(objptr, unknown, 1, 1, true)              \
    X(getlocale, unknown, 0, 0, true)           \
    X(scriptengine, unknown, 0, 0, true)        \
    X(imestatus, unknown, 0, 0, true)           \
    X(loadpicture, unknown, 0, 5, true)

/* Each is a vb_builtin_fn. */
vb_builtin_fn vb_fn_left;
vb_builtin_fn vb_fn_right;
vb_builtin_fn vb_fn_mid;
vb_builtin_fn vb_fn_midb;
vb_builtin_fn vb_fn_len;
vb_builtin_fn vb_fn_lenb;
vb_builtin_fn vb_fn_lcase;
vb_builtin_fn vb_fn_ucase;
vb_builtin_fn vb_fn_strreverse;
vb_builtin_fn vb_fn_trim;
vb_builtin_fn vb_fn_ltrim;
vb_builtin_fn vb_fn_rtrim;
vb_builtin_fn vb_fn_space;
vb_builtin_fn vb_fn_string;
vb_builtin_fn vb_fn_instr;
vb_builtin_fn vb_fn_instrrev;
vb_builtin_fn vb_fn_replace;
vb_builtin_fn vb_fn_split;
vb_builtin_fn vb_fn_join;
vb_builtin_fn vb_fn_filter;
vb_builtin_fn vb_fn_strcomp;
vb_builtin_fn vb_fn_chr;
vb_builtin_fn vb_fn_chrw;
vb_builtin_fn vb_fn_asc;
vb_builtin_fn vb_fn_ascw;
vb_builtin_fn vb_fn_ascb;
vb_builtin_fn vb_fn_strconv;
vb_builtin_fn vb_fn_abs;
vb_builtin_fn vb_fn_sgn;
vb_builtin_fn vb_fn_int;
vb_builtin_fn vb_fn_fix;
vb_builtin_fn vb_fn_round;
vb_builtin_fn vb_fn_sqr;
vb_builtin_fn vb_fn_exp;
vb_builtin_fn vb_fn_log;
vb_builtin_fn vb_fn_sin;
vb_builtin_fn vb_fn_cos;
vb_builtin_fn vb_fn_tan;
vb_builtin_fn vb_fn_atn;
vb_builtin_fn vb_fn_hex;
vb_builtin_fn vb_fn_oct;
vb_builtin_fn vb_fn_val;
vb_builtin_fn vb_fn_str;
vb_builtin_fn vb_fn_cint;
vb_builtin_fn vb_fn_clng;
vb_builtin_fn vb_fn_clnglng;
vb_builtin_fn vb_fn_cbyte;
vb_builtin_fn vb_fn_cdbl;
vb_builtin_fn vb_fn_csng;
vb_builtin_fn vb_fn_cbool;
vb_builtin_fn vb_fn_cstr;
vb_builtin_fn vb_fn_cvar;
vb_builtin_fn vb_fn_rgb;
vb_builtin_fn vb_fn_format;
vb_builtin_fn vb_fn_isempty;
vb_builtin_fn vb_fn_isnull;
vb_builtin_fn vb_fn_ismissing;
vb_builtin_fn vb_fn_isnumeric;
vb_builtin_fn vb_fn_isarray;
vb_builtin_fn vb_fn_isobject;
vb_builtin_fn vb_fn_vartype;
vb_builtin_fn vb_fn_typename;
vb_builtin_fn vb_fn_strptr;
vb_builtin_fn vb_fn_array;
vb_builtin_fn vb_fn_ubound;
vb_builtin_fn vb_fn_lbound;
vb_builtin_fn vb_fn_iif;
vb_builtin_fn vb_fn_choose;
vb_builtin_fn vb_fn_switch;
vb_builtin_fn vb_fn_environ;
vb_builtin_fn vb_fn_getresource;
vb_builtin_fn vb_fn_shell;
vb_builtin_fn vb_fn_createobject;
vb_builtin_fn vb_fn_getobject;
vb_builtin_fn vb_fn_msgbox;
vb_builtin_fn vb_fn_inputbox;
vb_builtin_fn vb_fn_sendkeys;
vb_builtin_fn vb_fn_callbyname;
vb_builtin_fn vb_fn_eval;
vb_builtin_fn vb_fn_execute;
vb_builtin_fn vb_fn_executeglobal;
vb_builtin_fn vb_fn_getref;
vb_builtin_fn vb_fn_kill;
vb_builtin_fn vb_fn_filecopy;
vb_builtin_fn vb_fn_savesetting;
vb_builtin_fn vb_fn_freefile;
vb_builtin_fn vb_fn_load;
vb_builtin_fn vb_fn_escape;
vb_builtin_fn vb_fn_unescape;
vb_builtin_fn vb_fn_quiet;
vb_builtin_fn vb_fn_unknown;

bool vb_array_append(struct vb_eval *ev, struct vb_array *array, struct vb_value value);

#endif
