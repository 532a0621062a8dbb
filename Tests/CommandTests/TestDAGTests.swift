import TestSupport
import Testing

/// `test-dag`: the setting of 3-classification, Runs.
@Suite struct TestDAGTests {
  let database: CommandDatabase

  init() throws {
    database = try CommandDatabase()
  }

  private func dagsOfSignals() throws -> [String] {
    try database.column(
      "SELECT scope FROM diagnostics.golden_signal_v1 WHERE signal = 'pipeline_latency' ORDER BY scope COLLATE \"C\""
    )
  }

  @Test func listsSetsAndRemoves() throws {
    let listed = try database.run("test-dag")
    #expect(listed.status == 0)
    #expect(listed.text == "launch__backtesting\nlaunch__discovery\nlaunch__walkforward\n")
    #expect(listed.errorText.contains("launch__backtesting, launch__discovery, launch__walkforward"))

    for text in ["+ launch__nightly\n", "nothing to change\n"] {
      let outcome = try database.run("test-dag", "set", "launch__nightly")
      #expect(outcome.status == 0)
      #expect(outcome.text == text)
    }
    for text in ["- launch__walkforward\n", "nothing to change\n"] {
      #expect(try database.run("test-dag", "set", "launch__walkforward", "--remove").text == text)
    }
    let expected = ["launch__backtesting", "launch__discovery", "launch__nightly"]
    #expect(try database.run("test-dag", "list").text.split(separator: "\n").map(String.init) == expected)
    // What follows them follows at once.
    #expect(try dagsOfSignals() == expected)
  }

  @Test func dagThatRanIsNoStranger() throws {
    let files = try Workspace()
    try files.write(TaskLog.line + TaskLog.success, to: TaskLog.path(run: "r"))
    #expect(try database.run("ingest", files.path).status == 0)
    let ran = try #require(try database.column("SELECT DISTINCT dag_id FROM corrparse.task_outcome").first)
    #expect(try database.run("test-dag", "set", ran).status == 0)
    #expect(try !database.run("test-dag", "list").errorText.contains(ran))
  }

  @Test(arguments: ["", "a b", "a/b", "x\u{7}", String(repeating: "x", count: 251)])
  func namesThatAirflowRefuses(name: String) throws {
    #expect(try database.run("test-dag", "set", name).status == Status.usage)
  }
}
