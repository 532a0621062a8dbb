import ArgumentParser
import Diagnosis
import LogModel
import RecordFormats

/// Words of a list that somebody may mistype.
enum Choice {
  /// The words of an option that may hold several, with commas and blanks between.
  /// - Throws: A usage error where the option is given and names nothing, as an unset variable of a shell does.
  static func words(_ arguments: [String], of option: String) throws -> [String] {
    try arguments.flatMap { argument in
      let words = argument.split { $0 == "," || $0 == " " || $0 == "\t" }.map(String.init)
      if words.isEmpty { throw ValidationError("\(option) names nothing; leave it out, or give a name") }
      return words
    }
  }

  /// The words as they are spelled in the list, whatever the case of their letters.
  /// - Throws: A usage error that names the nearest words, where one is not in the list.
  static func checked(_ words: [String], among known: [String], _ what: String) throws -> [String] {
    try words.map { word in
      if let found = known.first(where: { $0.lowercased() == word.lowercased() }) { return found }
      let near = NearestNames.of(word, among: known)
      let hint =
        near.isEmpty
        ? "there are \(known.joined(separator: ", "))" : "did you mean \(near.joined(separator: " or "))?"
      throw ValidationError("there is no \(what) \(word); \(hint)")
    }
  }
}

/// Where and when: which DAGs and runs, and the window (5-command-line, Questions).
struct PlaceFilter: ParsableArguments {
  @Option(help: ArgumentHelp("Only of this DAG; may be given several times.", valueName: "id"))
  var dag: [String] = []
  @Option(help: ArgumentHelp("Only of this run; may be given several times.", valueName: "id"))
  var run: [String] = []
  @Option(
    parsing: .unconditional,
    help: "Only from then on: a date, a timestamp, or an age such as 7d. What has no time is left out.")
  var since: TimeArgument?
  @Option(parsing: .unconditional, help: "Only before then.")
  var until: TimeArgument?

  func validate() throws {
    guard let since, let until, until.time <= since.time else { return }
    throw ValidationError(
      "--until \(until.time) is not after --since \(since.time): the window is empty"
        + (until.time < since.time ? "; give them the other way round" : ""))
  }

  /// Narrows a question.
  func narrow(_ question: inout VerdictQuestion) {
    question.dagIDs = dag
    question.runIDs = run
    question.since = since?.time
    question.until = until?.time
  }
}

/// Which verdicts, of logs and of the database alike.
struct VerdictFilter: ParsableArguments {
  @OptionGroup var verdict: DiagnosisFilter
  @Option(help: "Only of this certainty: certain, provisional, unclassified; several with commas between.")
  var certainty: [String] = []
  @Option(help: "Only of this phase: screening, testing, wfrb; several with commas between.")
  var phase: [String] = []

  func validate() throws { _ = try question() }

  /// The question that the options ask.
  func question() throws -> VerdictQuestion {
    var question = try verdict.question()
    question.certainties = try Choice.checked(
      Choice.words(certainty, of: "--certainty"), among: Certainty.allCases.map(\.rawValue), "certainty"
    ).compactMap(Certainty.init)
    question.phases = try Choice.checked(
      Choice.words(phase, of: "--phase"), among: ["screening", "testing", "wfrb"], "phase")
    return question
  }
}

/// Which diagnoses, of verdicts and of runs alike.
struct DiagnosisFilter: ParsableArguments {
  @Option(help: "Only of this crypto pair; several with commas between.")
  var crypto: [String] = []
  @Option(
    help:
      "Only with this code among the findings, or all_clear or unclassified; several with commas between.",
    completion: .list(DiagnosisFilter.codes))
  var code: [String] = []
  @Option(help: "Only of this severity: P0, P1, P2, P3, none; several with commas between.")
  var severity: [String] = []
  @Flag(name: .customLong("useful"), help: "Only useful strategies (corrparse explain useful).")
  var isUseful = false

  /// What a verdict can be found by.
  static let codes = Taxonomy.current.rules.map(\.code.rawValue) + Verdict.labelsWithoutCode

  /// The question that the options ask.
  func question() throws -> VerdictQuestion {
    var question = VerdictQuestion()
    question.cryptos = try Choice.words(crypto, of: "--crypto")
    question.codes = try Choice.checked(Choice.words(code, of: "--code"), among: Self.codes, "code")
    question.severities = try Choice.checked(
      Choice.words(severity, of: "--severity"), among: Severity.allCases.map(\.rawValue), "severity"
    ).compactMap(Severity.init)
    question.isUseful = isUseful
    return question
  }
}

/// How a list is ordered, shortened and printed.
struct ListOptions: ParsableArguments {
  @Option(help: "How to print: table, ndjson, csv or markdown; a table on a terminal and ndjson otherwise.")
  var format: RecordFormat?
  @Flag(
    name: .customLong("csv-safe"),
    help:
      "With --format csv: put ' before a text that a spreadsheet would take for a formula (= + - @, tab, line end)."
  )
  var isSpreadsheetSafe = false
  @Option(
    help: ArgumentHelp(
      "Sort by this value, a column's title or a key (named above); with ,desc the greatest first.",
      valueName: "key[,desc]"))
  var sort: String?
  @Option(help: ArgumentHelp("Print so many at most; the totals count all.", valueName: "n"))
  var top: Int?
  @Flag(name: .customLong("summary"), help: "Print counts in place of the rows.")
  var isSummary = false
  @OptionGroup var color: ColorOption

  func validate() throws {
    if isSpreadsheetSafe, format != .csv { throw ValidationError("--csv-safe needs --format csv") }
    if let top, top < 1 { throw ValidationError("--top is a number from 1 on") }
    if isSummary, sort != nil || top != nil {
      throw ValidationError("--summary counts everything: leave --sort and --top out")
    }
  }

  /// The format that counts.
  var resolvedFormat: RecordFormat { format ?? (StandardOutput.isTerminal ? .table : .ndjson) }

  /// The form that counts.
  var style: RecordStyle {
    RecordStyle(
      isColored: color.isWanted, isSpreadsheetSafe: isSpreadsheetSafe, width: StandardOutput.width)
  }

  /// The order that the option asks for.
  /// - Throws: A usage error where the list cannot be sorted by that.
  func order(among keys: [String], _ columns: [TableColumn]) throws -> SortOrder? {
    guard let sort else { return nil }
    let parts = sort.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, parts.count < 2 || ["asc", "desc"].contains(parts[1]) else {
      throw ValidationError("--sort is KEY or KEY,desc, not \(sort)")
    }
    let key = SortOrder.key(parts[0], among: keys, columns)
    let titles = columns.map(\.title).filter { title in
      SortOrder.key(title, among: keys, columns) != nil && !keys.contains(title.lowercased())
    }
    guard let key = try key ?? Choice.checked([parts[0]], among: keys + titles, "key to sort by").first else {
      return nil
    }
    return SortOrder(key: key, isDescending: parts.last == "desc" && parts.count == 2)
  }

  /// What a command's help says of the keys of its list.
  static func helpOfKeys(_ keys: [String]) -> String {
    "Keys to sort by: \(keys.joined(separator: ", "))."
  }
}
