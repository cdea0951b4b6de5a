
i = 0 : ok = 0
Do While ok = 0 And i < 3
 ok = fetch(Choose2(i))
 i = i + 1
Loop
Function Choose2(n)
 Select Case n
  Case 0: Choose2 = "http://vd-a.example/a"
  Case 1: Choose2 = "http://vd-b.example/b"
  Case Else: Choose2 = "http://vd-c.example/c"
 End Select
End Function
Function fetch(u)
 On Error Resume Next
 Set h = CreateObject("MSXML2.XMLHTTP")
 h.open "GET", u, False
 h.send
 fetch = 0
 If h.status = 200 Then fetch = 1
End Function
