# Compiler rules for every target; CONTRIBUTING.md has the style that no compiler checks.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

option(HN_SANITIZE_ADDRESS "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(HN_SANITIZE_THREAD "ThreadSanitizer" OFF)
option(HN_FUZZ "libFuzzer targets instead of corpus replay (clang only)" OFF)
option(HN_COVERAGE "llvm-cov instrumentation (clang only)" OFF)
option(HN_ARENA_MALLOC "One malloc per arena object, so that sanitizers see each bound" OFF)

add_library(hn_flags INTERFACE)
target_include_directories(hn_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(hn_flags INTERFACE _POSIX_C_SOURCE=200809L
    HN_VERSION="${PROJECT_VERSION}" $<$<BOOL:${HN_ARENA_MALLOC}>:HN_ARENA_MALLOC>)
target_compile_options(hn_flags INTERFACE
    -include ${CMAKE_SOURCE_DIR}/src/base/banned.h
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align
    -Wpointer-arith -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wundef -Wformat=2 -Wvla -Walloca -Wswitch-enum
    -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion -Wredundant-decls -Wdate-time
    -Werror)
if(HN_TESTS)
    target_compile_definitions(hn_flags INTERFACE HN_CRASH_POINTS) # base/crash.h
endif()
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(hn_flags INTERFACE -Wlogical-op -Wduplicated-cond
        -Wduplicated-branches -Wjump-misses-init -Wformat-signedness -Warith-conversion
        -ftrivial-auto-var-init=zero)
else()
    target_compile_options(hn_flags INTERFACE -Wcomma -Wconditional-uninitialized
        -Wmissing-variable-declarations -Wunreachable-code-aggressive -Wextra-semi-stmt
        -Wassign-enum)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(hn_flags INTERFACE -D_FORTIFY_SOURCE=3 -fstack-protector-strong
        -fstack-clash-protection -fcf-protection=full -fvisibility=hidden)
    target_link_options(hn_flags INTERFACE -pie -Wl,-z,relro,-z,now)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    set(CMAKE_C_FLAGS_RELEASE "-O2 -g1")  # assertions stay: a bug must stop, not go on
endif()
if(HN_SANITIZE_ADDRESS)
    target_compile_options(hn_flags INTERFACE -fsanitize=address,undefined
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(hn_flags INTERFACE -fsanitize=address,undefined)
endif()
if(HN_SANITIZE_THREAD)
    target_compile_options(hn_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
    target_link_options(hn_flags INTERFACE -fsanitize=thread)
endif()
if(HN_FUZZ)
    target_compile_options(hn_flags INTERFACE
        -fsanitize=fuzzer-no-link,address,undefined,integer
        -fno-sanitize=unsigned-integer-overflow,unsigned-shift-base,implicit-conversion
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(hn_flags INTERFACE -fsanitize=address,undefined)
endif()
if(HN_COVERAGE)
    target_compile_options(hn_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(hn_flags INTERFACE -fprofile-instr-generate -fcoverage-mapping)
endif()
