# hn_module(<name> [DEPS <module>...] [LIBS <target>...])
# One folder src/<name>/ is one static library hn_<name>.
function(hn_module name)
    cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
    set_property(GLOBAL APPEND PROPERTY HN_MODULES ${name}) # tests/ looks for tests of each
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
    if(sources)
        add_library(hn_${name} STATIC ${sources})
        set(kind PUBLIC)
    else()
        add_library(hn_${name} INTERFACE)
        set(kind INTERFACE)
    endif()
    target_link_libraries(hn_${name} ${kind} hn_flags ${ARG_LIBS})
    foreach(dep IN LISTS ARG_DEPS)
        target_link_libraries(hn_${name} ${kind} hn_${dep})
    endforeach()
endfunction()

# hn_embed(<module> <file>): the bytes of src/<module>/<file> as `<module>_<stem>` and
# `<module>_<stem>_len` in the module's library, so that style sheets and scripts stay files that
# their own tools understand.
function(hn_embed module file)
    set(source ${CMAKE_SOURCE_DIR}/src/${module}/${file})
    get_filename_component(stem ${file} NAME_WE)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(READ ${source} bytes HEX)
    string(LENGTH "${bytes}" digits)
    math(EXPR len "${digits} / 2")
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/embedded/${module}_${stem}.c CONTENT
        "/* Made from src/${module}/${file}. */\n#include \"${module}/${module}_assets.h\"\n\nconst unsigned char ${module}_${stem}[] = {\n${bytes}\n};\nconst size_t ${module}_${stem}_len = ${len};\n")
    target_sources(hn_${module} PRIVATE ${CMAKE_BINARY_DIR}/embedded/${module}_${stem}.c)
endfunction()
