// Rules of fuzz_analyze.c, which knows them by name.
rule any_byte : common
{
    meta:
        description = "has a byte"
    condition:
        filesize > 0
}

rule two_strings
{
    meta:
        score = 80
    strings:
        $http = "http" nocase
        $dot = { 2E ( 65 78 65 | 64 6C 6C ) }
    condition:
        any of them
}

rule by_name
{
    condition:
        extension == ".doc" or filename matches /\.(js|vbs)$/i or filetype == "EXE"
}
