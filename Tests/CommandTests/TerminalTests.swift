import TestSupport
import Testing

/// A terminal obeys nothing that a name, a log, a variable or the database says (5-command-line, Output).
@Suite struct TerminalTests {
  private static func files() throws -> Workspace {
    let files = try Workspace()
    try files.write(TerminalWriter.log, to: TerminalWriter.path, modified: 1_774_664_100)
    try files.write(TaskLog.line, to: "empty " + TerminalWriter.hostile, modified: 1_774_664_100)
    try files.write("", to: "ignored/" + TerminalWriter.hostile, modified: 1_774_664_100)
    try files.write(
      TaskLog.block("crypto=A"), to: "x\(TerminalWriter.hostile)/mising.log", modified: 1_774_664_100)
    try files.write(
      "crypto,group\n\(TerminalWriter.hostileLine),defi\n\(TerminalWriter.hostileLine),defi\n",
      to: "strange.csv")
    try files.makePipe("fifo " + TerminalWriter.hostile)
    return files
  }

  private static func check(_ writer: TerminalWriter, _ outcome: Outcome) {
    let allowed = [
      "\u{1B}[31m", "\u{1B}[33m", "\u{1B}[1m", "\u{1B}[1;31m", "\u{1B}[32m", "\u{1B}[35m", "\u{1B}[0m",
    ]
    for text in [outcome.text, outcome.errorText] {
      var rest = text
      if writer.name.contains("colour") {
        for code in allowed { rest = rest.replacing(code, with: "") }
      }
      let obeyed = rest.unicodeScalars.filter { scalar in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: scalar != "\n" && scalar != "\t"
        default: false
        }
      }
      #expect(obeyed.map { String($0.value, radix: 16) } == [], "\(text)")
      #expect(!text.split(separator: "\n").contains { $0.hasPrefix("INJECTED") })
    }
    if writer.shows {
      // Markdown escapes what is escaped.
      let shown = (outcome.text + outcome.errorText).replacing(#"\\u{1b}\["#, with: #"\u{1b}["#)
      #expect(shown.contains(#"\u{1b}[31m"#), "\(outcome.text)\(outcome.errorText)")
    }
    #expect(outcome.status != nil)
  }

  @Test(arguments: TerminalWriter.withoutDatabase)
  func `what is written is shown and not obeyed`(writer: TerminalWriter) throws {
    Self.check(writer, try writer.run(Self.files(), nil))
  }

  @Test func `what is read from the database or stored in it is shown and not obeyed`() throws {
    let database = try CommandDatabase()
    let files = try Self.files()
    #expect(try database.run("ingest", ".", in: files.path).status != nil)
    // Whoever may write to the database may write anything.
    try database.execute(
      """
      INSERT INTO corrparse.universe (crypto, crypto_group) VALUES (E'b\\u001b[31m\\u202e', E'g\\u001b[31m\\n');
      INSERT INTO corrparse.test_dag (dag_id) VALUES (E'd\\u001b[31m\\u2066\\r');
      UPDATE corrparse.record SET crypto = E'c\\u001b[31m\\u202e';
      UPDATE corrparse.migration SET program_version = E'1\\u001b[31m\\nINJECTED' WHERE version = 1;
      """)
    for writer in TerminalWriter.withDatabase { Self.check(writer, try writer.run(files, database)) }
  }
}
