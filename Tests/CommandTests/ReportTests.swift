import Diagnosis
import Glibc
import TestSupport
import Testing

@testable import HTMLReport

/// `report --html`, as Chromium sees it (issue 5).
@Suite(.serialized) struct ReportTests {
  let database: CommandDatabase
  let files: Workspace

  init() throws {
    database = try CommandDatabase()
    files = try Workspace()
  }

  /// Two cryptos, one of a hostile name, on two days: 2 + 1 records and 1.
  private func fill() throws {
    func block(_ crypto: String, _ f1: String, day: Int) -> String {
      TaskLog.block(
        "crypto=\(crypto) horizon=H4 f1_buy=\(f1) baseline_f1_buy=0.50 sortino=1.2 n_trades=50"
      ).replacing("2026-03-28", with: "2026-03-\(day)")
    }
    try files.write(
      block("SOLUSDC", "0.62", day: 27) + block("SOLUSDC", "0.45", day: 28)
        + block("SOLUSDC", "0.47", day: 28)
        + TaskLog.success, to: TaskLog.path(run: "manual__2026-03-27T01:00:00+00:00"))
    try files.write(
      block("\"<script>alert(1)</script>&\"", "0.62", day: 28) + TaskLog.success,
      to: TaskLog.path(run: "<img src=x>"))
    #expect(try database.run("ingest", files.path).status == 0)
  }

  private func chromium(_ arguments: String...) throws -> (output: String, errors: String) {
    let program = ["/usr/bin/chromium", "/usr/bin/chromium-headless-shell"].first { (path: String) in
      access(path, X_OK) == 0
    }
    let process = try ChildProcess(
      try #require(program, "install chromium: Scripts/install-dependencies.sh"),
      ([
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
        "--user-data-dir=" + files("profile"),
      ] + arguments).map { Array($0.utf8) }, environment: ["HOME": files.path], folder: nil,
      limit: .seconds(100))
    process.closeInput()
    #expect(try process.finish() == .exited(0))
    return (String(decoding: process.output, as: UTF8.self), String(decoding: process.errors, as: UTF8.self))
  }

  private func occurrences(of piece: String, in text: String) -> Int { text.ranges(of: piece).count }

  @Test func pageShowsWhatTheDatabaseSays() throws {
    try fill()
    let outcome = try database.run(
      "report", "--html", files("page.html"), "--at", "2026-03-28T12:00:00Z", "--days", "7")
    #expect(outcome.status == 0)
    #expect(outcome.text + outcome.errorText == "")
    let (page, console) = try chromium("--dump-dom", "file://" + files("page.html"))
    // What a browser makes of it: one bar a crypto, day and code, and nothing that a log has put in.
    #expect(occurrences(of: "<rect", in: page) == 3)
    #expect(page.contains("<title>2026-03-27: ML_SOLID 1</title>"))
    #expect(page.contains("<title>2026-03-28: ML_USELESS 2</title>"))
    #expect(page.contains("3 records, "))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;"))
    #expect(page.contains("&lt;img src=x&gt;"))
    #expect(occurrences(of: "<script", in: page) + occurrences(of: "<img", in: page) == 0)
    for text in ["2026-03-22", "2026-03-28", "launch__discovery", "infra_health", "UNKNOWN"] {
      #expect(page.contains(text))
    }
    // Five of the signals, nine of the runs, the cryptos by the signals of a crypto (3-classification, Golden signals), and one useful
    // strategy of the last day.
    #expect(occurrences(of: "<table", in: page) == 4)
    #expect(page.contains("<th>Crypto</th><th>f1_<wbr>buy_<wbr>delta_<wbr>vs_<wbr>baseline</th>"))
    #expect(page.contains("<td class=\"name\">SOLUSDC</td>"))
    // A head stands above its numbers.
    #expect(page.contains("<th class=\"number\">Sortino</th>"))
    // No policy was broken, nothing was asked for.
    #expect(!console.contains("CONSOLE"))
    for sign in ["http:", "https:", "url(", "@import", "<link", "src="] {
      #expect(!page.replacing("&lt;img src=x&gt;", with: "").contains(sign), "\(sign)")
    }
    // The state is what `state` says.
    let state = try database.run("state", "--at", "2026-03-28T12:00:00Z", "--format", "json")
    let name = try #require(
      state.text.split(separator: "\"").first {
        ["GREEN", "YELLOW", "ORANGE", "RED", "UNKNOWN"].contains($0)
      })
    #expect(page.contains("<h1>\(name)</h1>"))
  }

  /// What nobody could judge is not said to be well, and a record that names no crypto is shown.
  @Test func unclassifiedAndClearAndWithoutCrypto() throws {
    try files.write(
      TaskLog.block("crypto=SOLUSDC f1_buy=0.6 sortino=1")
        + TaskLog.block("f1_buy=0.62 baseline_f1_buy=0.50 sortino=1.2 n_trades=50") + TaskLog.success,
      to: TaskLog.path(run: "r"))
    #expect(try database.run("ingest", files.path).status == 0)
    let page = try database.run("report", "--html", "-", "--at", "2026-03-28T12:00:00Z").text
    #expect(page.contains("<title>2026-03-28: unclassified 1</title>"))
    #expect(page.contains("<b>(no crypto)</b> <span>1 record, 1 useful</span>"))
    #expect(page.contains("background:#808080\"></i><b>unclassified</b>"))
    #expect(!page.contains("nothing found"))
    // What to do stands beside what a code means.
    #expect(page.contains("<span>Next: Verify execution: Sortino, then the exit shares.</span>"))
  }

  /// Infra, which is unknown, is the first condition; the triggered ones stand before it all the same.
  @Test func whatIsTriggeredStandsBeforeWhatIsUnknown() throws {
    try fill()
    let page = try database.run("report", "--html", "-", "--at", "2026-04-20T12:00:00Z").text
    let stale = try #require(page.firstRange(of: "<b>core_crypto_stale</b>"))
    let infra = try #require(page.firstRange(of: "<b>infra_critical</b>"))
    #expect(stale.lowerBound < infra.lowerBound)
  }

  @Test(arguments: [
    ("7740", "s", "2 h 9 min"), ("3605", "s", "1 h"), ("185.4", "s", "3 min 5 s"), ("12", "s", "12 s"),
    ("0", "s", "0 s"),
    ("85.714285", "%", "85.7 %"), ("99.96", "%", "100 %"), ("8.9012", "d", "8.9 d"),
    ("-0.04", "pts", "0 pts"),
    ("-0.3251", "", "-0.325"), ("2", "", "2"), ("1e30", "", "1e+30"), ("x", "%", "x %"),
  ]) func numbersAsPeopleReadThem(number: String, unit: String, shown: String) {
    #expect(ReadableNumber.text(number, unit: unit) == shown)
  }

  @Test(arguments: [
    (
      "r1 took 7749.610978 s; p95 of the 29 successful runs before it is 7826.6 s",
      "r1 took 2 h 9 min; p95 of the 29 successful runs before it is 2 h 10 min"
    ), ("r1 took 44 s, longer than 40 s", "r1 took 44 s, longer than 40 s"),
    ("no finished run in 720 h", "no finished run in 720 h"), ("its s", "its s"), ("", ""),
  ]) func durationsOfASentenceAsPeopleReadThem(sentence: String, shown: String) {
    #expect(ReadableNumber.sentence(sentence) == shown)
  }

  @Test func linksWhereAddressesAreGiven() throws {
    try fill()
    let page = try database.run(
      "report", "--html", "-", "--at", "2026-03-28T12:00:00Z", "--grafana-url", "https://grafana.example/",
      "--airflow-url", "http://airflow.example", "--mlflow-url", "https://mlflow.example/x?a=\"b\""
    ).text
    #expect(
      page.contains(
        "<a href=\"https://grafana.example/d/corrparse-run?var-dag=launch__discovery&amp;"
          + "var-run=manual__2026-03-27T01%3A00%3A00%2B00%3A00&amp;from=now-90d&amp;to=now\">"))
    #expect(page.contains("var-run=%3Cimg%20src%3Dx%3E"))
    #expect(page.contains("<a href=\"http://airflow.example/dags/launch__discovery\">launch__discovery</a>"))
    #expect(page.contains("<a href=\"https://mlflow.example/x?a=&quot;b&quot;\">MLflow</a>"))
    #expect(page.contains("<a href=\"https://grafana.example/d/corrparse-overview\">Grafana</a>"))
    for url in ["javascript:alert(1)", "grafana.example", "https://"] {
      #expect(try database.run("report", "--html", "-", "--grafana-url", url).status == Status.usage)
    }
  }

  /// It is drawn, and another in the dark.
  @Test func pageIsDrawnInLightAndDark() throws {
    try fill()
    #expect(try database.run("report", "--html", files("page.html")).status == 0)
    var pictures: [[UInt8]] = []
    for scheme in ["1", "0"] {
      let picture = files("page\(scheme).png")
      _ = try chromium(
        "--window-size=900,1200", "--blink-settings=preferredColorScheme=" + scheme,
        "--screenshot=" + picture,
        "file://" + files("page.html"))
      pictures.append(try files.read("page\(scheme).png"))
      #expect(pictures.last?.prefix(4) == [0x89, 0x50, 0x4E, 0x47])
    }
    #expect(pictures[0] != pictures[1])
  }

  /// The page said what was wrong with a crypto and not what to do. A telephone is 420 pixels wide.
  @Test func `the page says what to do for each crypto, and fits a telephone`() throws {
    try fill()
    #expect(try database.run("report", "--html", files("page.html")).status == 0)
    let page = String(decoding: try files.read("page.html"), as: UTF8.self)
    let next = try database.run("next", "--crypto", "SOLUSDC").text
    let step = try #require(next.split(separator: "  do        ").last?.split(separator: "\n").first)
    #expect(page.contains("<h3>") && page.contains("SOLUSDC: "))
    #expect(page.contains("<dt>do</dt><dd>\(step.split(separator: "  ")[0])"), "\(next)")
    // A script in the page is refused by its own rule, so the frame around it measures.
    let frame = """
      <body style="margin:0"><iframe id="f" style="border:0;width:420px;height:800px" src="page.html"></iframe>
      <script>
      f.onload = () => {
        const page = f.contentDocument.documentElement
        document.title = "beyond " + (page.scrollWidth - page.clientWidth)
      }
      </script>
      """
    try files.write(frame, to: "frame.html")
    let dom = try chromium(
      "--allow-file-access-from-files", "--window-size=800,900", "--dump-dom", "file://" + files("frame.html")
    ).output
    #expect(dom.contains("<title>beyond 0</title>"), "\(dom.prefix(300))")
    // Next steps are of the present.
    let past = try database.run("report", "--html", "-", "--at", "2026-03-28T12:00:00Z").text
    #expect(past.contains("The next steps are of the present only"))
    #expect(!past.contains("<dt>"))
  }

  @Test func emptyDatabaseIsSaidToBeUnknown() throws {
    let outcome = try database.run("report", "--html", "-")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("<h1>UNKNOWN</h1>"))
    #expect(outcome.text.contains("No records in these days."))
    #expect(outcome.text.contains("No runs."))
  }

  /// The views are enough, and no password is shown.
  @Test func readerRoleSuffices() throws {
    let role = "\(database.name)_reader"
    try database.execute("CREATE ROLE \(role) LOGIN IN ROLE corrparse_reader")
    defer { try? database.execute("DROP ROLE \(role)") }
    let outcome = try Program.run(
      "report", "--html", "-", environment: ["DATABASE_URL": database.url(user: role, password: "c4nary")])
    #expect(outcome.status == 0)
    #expect(!outcome.text.contains("c4nary"))
  }

  @Test func fileThatCannotBeWritten() throws {
    try files.write("old", to: "page.html")
    #expect(try database.run("report", "--html", files("no/such/page.html")).status == Status.inputOutput)
    #expect(try database.run("report", "--html", files.path).status == Status.inputOutput)
    #expect(try database.run("report", "--html", files("page.html"), "--days", "0").status == Status.usage)
    #expect(try files.read("page.html") == Array("old".utf8))
  }
}
