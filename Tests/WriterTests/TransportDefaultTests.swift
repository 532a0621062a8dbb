import Testing

@testable import DiagnosticWriter

/// Which connections are made over TLS where nobody says anything (5-command-line, Configuration). The rest, with a server that steals
/// passwords, is in Tests/Operations/test_clear_password.py.
@Suite struct TransportDefaultTests {
  @Test(
    arguments: [
      (nil, nil, true), ("", "", true), ("/run/postgresql", nil, true), ("@abstract", nil, true),
      ("localhost", nil, true), ("LOCALHOST", nil, true), ("127.0.0.1", nil, true), ("127.3.2.1", nil, true),
      ("::1", nil, true),
      ("db.example", nil, false), ("localhost.example", nil, false), ("127.1", nil, false),
      ("127.0.0.1.example", nil, false),
      ("127.0.0.256", nil, false), ("::2", nil, false), ("10.0.0.1", nil, false), ("0.0.0.0", nil, false),
      // An address counts before a name, in each place of the list.
      ("db.example", "127.0.0.1", true), ("localhost", "10.0.0.1", false), (nil, "10.0.0.1", false),
      ("a,b", "127.0.0.1,::1", true), ("localhost,b", ",127.0.0.1", true),
      ("a,localhost", ",127.0.0.1", false),
      // One that leaves this machine is enough.
      ("/run,localhost,::1", nil, true), ("/run,db.example", nil, false), ("localhost,", nil, true),
    ] as [(String?, String?, Bool)])
  func whatStaysOnThisMachine(hosts: String?, addresses: String?, stays: Bool) {
    #expect(TransportDefault.staysHere(hosts: hosts, addresses: addresses) == stays)
  }

  @Test(
    arguments: [
      ("postgresql://db.example/d", "require"), ("host=db.example", "require"),
      ("postgresql://10.0.0.1:6432/d", "require"),
      ("postgresql://db.example/d?sslmode=prefer", nil), ("host=db.example sslmode=disable", nil),
      ("postgresql://db.example/d?ssl=true", nil), ("postgresql://localhost/d", nil),
      ("host=/run/postgresql", nil), ("d", nil),
      ("postgresql:///d?host=db.example", "require"),
    ] as [(String, String?)])
  func modeOfAConnectionString(text: String, mode: String?) throws {
    #expect(try TransportDefault.mode(for: ConnectionString(text)) == mode)
  }
}
