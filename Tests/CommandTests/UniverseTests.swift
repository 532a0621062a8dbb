import TestSupport
import Testing

/// `universe`: groups and cryptos (3-classification, Groups).
@Suite struct UniverseTests {
  let database: CommandDatabase

  init() throws { database = try CommandDatabase() }

  /// The manual, section 11.
  private static let seed =
    "crypto,group\nBTCUSDC,btc-core\nETHUSDC,btc-core\nADAUSDC,defi\nBONKUSDC,defi\nSOLUSDC,defi\nXRPUSDC,defi\n"

  private func list() throws -> String { try database.run("universe", "list").text }

  private func importing(_ text: String, _ more: String...) throws -> Outcome {
    try Program.finish(
      database.start(["universe", "import", "-"] + more), input: Array(text.utf8))
  }

  @Test func isSeededFromTheManualAndReadsWhatItLists() throws {
    #expect(try list() == Self.seed)
    let before = try database.physicalState()
    #expect(try importing(Self.seed).text == "nothing to change\n")
    #expect(try database.physicalState() == before)
  }

  @Test func setsMovesAndRemoves() throws {
    #expect(try database.run("universe", "set", "DOGEUSDC", "meme").text == "+ DOGEUSDC meme\n")
    #expect(try database.run("universe", "set", "DOGEUSDC", "meme").text == "nothing to change\n")
    #expect(try database.run("universe", "set", "DOGEUSDC", "defi").text == "~ DOGEUSDC meme -> defi\n")
    #expect(try database.run("universe", "set", "DOGEUSDC", "--remove").text == "- DOGEUSDC defi\n")
    #expect(try database.run("universe", "set", "DOGEUSDC", "--remove").text == "nothing to change\n")
    #expect(try list() == Self.seed)
  }

  @Test(arguments: [
    "crypto,group\nBTCUSDC,btc-core\nSOLUSDC,l1\nDOGEUSDC,meme\n",
    "\u{FEFF}id,Crypto_Group,x,CRYPTO\r\n1,btc-core,,BTCUSDC\r\n2,l1,\"a,\"\"b\",\"SOLUSDC\"\r\n3,meme,, DOGEUSDC \r\n\r\n",
    #"{"crypto":"BTCUSDC","group":"btc-core"}"# + "\n" + #"{"crypto_group":"l1","crypto":"SOLUSDC","n":[1]}"#
      + "\n\n" + #"{"crypto":"DOGEUSDC","group":"meme"}"#,
  ])
  func importMakesItTheFile(text: String) throws {
    let changes = """
      - ADAUSDC defi
      - BONKUSDC defi
      + DOGEUSDC meme
      - ETHUSDC btc-core
      ~ SOLUSDC defi -> l1
      - XRPUSDC defi

      """
    #expect(try importing(text, "--dry-run").text == changes)
    #expect(try list() == Self.seed)
    #expect(try importing(text, "--yes").text == changes)
    #expect(try list() == "crypto,group\nBTCUSDC,btc-core\nSOLUSDC,l1\nDOGEUSDC,meme\n")
    #expect(try importing(text).text == "nothing to change\n")
  }

  /// A file that had ended early took six cryptos out of the universe at once, without a question.
  @Test func aShortFileRemovesNothingUnasked() throws {
    let before = try database.physicalState()
    let outcome = try importing("crypto,group\nBTCUSDC,l1\nDOGEUSDC,meme\n")
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.lines.count == 7)
    #expect(
      outcome.errorText.contains("the file lacks 5 cryptos of the universe; nothing was changed: give --yes"))
    #expect(try database.physicalState() == before)
    #expect(try importing(Self.seed + "DOGEUSDC,meme\n").text == "+ DOGEUSDC meme\n")
  }

  @Test(arguments: [
    ("", "is empty"), ("\n \n", "is empty"), ("crypto,group\n", "names no crypto"),
    ("coin,group\nA,b\n", ":1: the header must name"), ("BTCUSDC,btc-core\n", ":1: the header must name"),
    ("crypto,group,crypto\nA,b,C\n", ":1: the header names crypto twice"),
    ("Crypto,group,GROUP\nA,b,c\n", ":1: the header names group twice"),
    ("crypto,group,crypto_group\nA,b,c\n", ":1: the header names group twice"),
    ("{\"crypto\":\"A\",\"group\":\"b\",\"crypto\":\"C\"}", ":1: the key crypto twice"),
    ("{\"crypto\":\"A\",\"group\":\"b\",\"crypto_group\":\"c\"}", ":1: the key group twice"),
    ("crypto,group\nA,b\nC\n", ":3: 1 fields where the header has 2"),
    ("crypto,group\nA,\n", ":2: names have"), ("crypto,group\nA=B,c\n", ":2: names have"),
    ("crypto,group\nA,\"b\n", ":2: a quoted field"), ("crypto,group\nA,\"b\"c\n", ":2: a quoted field"),
    ("crypto,group\nA,b\n\nA,b\n", ":4: A stands on line 2 already"),
    ("{\"crypto\":\"A\",\"group\":\"b\"}\n{\"crypto\":\"C\"", ":2: no JSON"),
    ("{\"crypto\":\"A\",\"group\":\"b\"}\n[1]", ":2: no JSON object"),
    ("{\"crypto\":\"A\"}", ":1: no text under the key group"),
    ("{\"crypto\":7,\"group\":\"b\"}", ":1: no text under the key crypto"),
  ])
  func unusableFileChangesNothing(text: String, reason: String) throws {
    let before = try database.physicalState()
    let outcome = try importing(text)
    #expect(outcome.status == Status.damagedInput)
    #expect(outcome.errorText.contains(reason) && outcome.errorText.contains("nothing was changed"))
    #expect(outcome.text.isEmpty)
    #expect(try database.physicalState() == before)
  }

  @Test func filesAreReadAndMissingOnesNamed() throws {
    let files = try Workspace()
    try files.write("crypto,group\nBTCUSDC,btc-core\n", to: "u.csv")
    #expect(try database.run("universe", "import", "--yes", files("u.csv")).status == 0)
    #expect(try list() == "crypto,group\nBTCUSDC,btc-core\n")
    let missing = try database.run("universe", "import", files("none.csv"))
    #expect(missing.status == Status.damagedInput)
    #expect(missing.errorText.contains("none.csv: cannot be read: No such file or directory"))
    try files.write([0x63, 0xFF], to: "latin.csv")
    #expect(try database.run("universe", "import", files("latin.csv")).errorText.contains("is no UTF-8 text"))
  }

  @Test(arguments: [
    ["set", "A"], ["set", "A", "b", "--remove"], ["set", "A B", "c"], ["set", "A", ""], ["import"],
    ["import", "postgresql://u:p@h/d"],
  ])
  func usageErrors(arguments: [String]) throws {
    let outcome = try Program.finish(database.start(["universe"] + arguments))
    #expect(outcome.status == Status.usage)
  }

  @Test func cryptosInNoGroupAreNamed() throws {
    let files = try Workspace()
    try files.write(
      TaskLog.line + TaskLog.block("crypto=DOGEUSDC f1_buy=0.5") + TaskLog.block("crypto=AAVEUSDC", second: 8)
        + TaskLog.block("crypto=SOLUSDC", second: 9) + TaskLog.success, to: TaskLog.path())
    #expect(try database.run("ingest", files.path).status == 0)
    let outcome = try database.run("universe", "list")
    #expect(outcome.errorText.contains("in no group: AAVEUSDC, DOGEUSDC\n"))
    #expect(outcome.text == Self.seed)
  }

  @Test func readersMayNotChangeIt() throws {
    try database.execute("CREATE ROLE \(database.name)_w LOGIN; GRANT corrparse_writer TO \(database.name)_w")
    let writer = ["DATABASE_URL": database.connection("user=\(database.name)_w")]
    #expect(try Program.run("universe", "set", "A", "b", environment: writer).status == 0)
    try database.execute("DROP ROLE \(database.name)_w")
    try database.execute(
      "CREATE ROLE \(database.name)_r LOGIN; GRANT corrparse_reader TO \(database.name)_r")
    let reader = ["DATABASE_URL": database.connection("user=\(database.name)_r")]
    #expect(
      try Program.run("universe", "set", "A", "c", environment: reader).status == Status.missingRights)
    // To print the list it was advised to take the right to write.
    #expect(try Program.run("universe", "list", environment: reader).text == list())
    let dags = try Program.run("test-dag", "list", environment: reader)
    #expect(dags.text == "launch__backtesting\nlaunch__discovery\nlaunch__walkforward\n")
    #expect(dags.errorText.contains("no log tells of a run of launch__backtesting, "))
    try database.execute("DROP ROLE \(database.name)_r")
  }
}
