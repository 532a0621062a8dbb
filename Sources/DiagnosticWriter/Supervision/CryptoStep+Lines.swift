import Diagnosis
import LogModel

/// The titles of what `next` and the report say of a crypto.
public enum StepTitle: String, CaseIterable, Sendable {
  case lastRun = "last run"
  case useful, critical, warning, see, escalate, exit
  case mayDo = "may do"
  case `do`
  case playbook
}

extension CryptoStep {
  /// In how many runs in a row the diagnosis stands, as words.
  public var inARow: String { runsInARow == 1 ? "in the last run" : "in \(runsInARow) runs in a row" }

  /// What is said of the crypto, in the order in which it is read.
  public var lines: [(title: StepTitle, text: String)] {
    var lines: [(title: StepTitle, text: String)] = []
    if let run = row.text("run_id") {
      let start = row.text("started_at").map { ", started \($0.prefix(16).replacing("T", with: " "))" } ?? ""
      lines.append((.lastRun, "\(row.text("dag_id") ?? "") \(run)\(start)"))
    }
    if !useful.isEmpty { lines.append((.useful, Self.shown(useful))) }
    for (title, signals) in [(StepTitle.critical, critical), (.warning, warning)] where !signals.isEmpty {
      lines.append((title, Self.shown(signals)))
    }
    if !critical.isEmpty {
      lines.append((.see, critical.map { "docs/operations.md#\($0.signal)" }.joined(separator: ", ")))
    }
    if let who = row.text("escalate_to") {
      lines.append((.escalate, "escalate to the \(who): \(inARow) without the exit criterion"))
    }
    if let exit { lines.append((.exit, exit)) }
    lines.append((isOver ? .mayDo : .do, text))
    if let code {
      let section = row.text("playbook").map { "manual, section \($0); " } ?? ""
      lines.append((.playbook, "\(section)docs/operations.md#\(code)"))
    }
    return lines
  }

  /// So many useful strategies are told, and the others counted.
  private static let mostUseful = 3

  /// `H6, SL 1.5, TP 3, fold 0: delta 7.4 pts, Sortino 1.497`.
  private static func shown(_ strategies: [StoredRow]) -> String {
    let texts = strategies.prefix(mostUseful).map { strategy in
      let place = [("horizon", ""), ("sl", "SL "), ("tp", "TP "), ("fold", "fold ")].compactMap {
        name, word in
        strategy.text(name).map { word + $0 }
      }
      let figures = [("delta_points", "delta ", " pts"), ("sortino", "Sortino ", "")].compactMap {
        name, word, unit in
        strategy.text(name).map { word + ShownNumber.fourPlaces($0) + unit }
      }
      return (place + [figures.joined(separator: ", ")]).joined(separator: " ")
    }
    let more = strategies.count - texts.count
    return texts.joined(separator: "; ") + (more > 0 ? "; \(more) more: corrparse verdicts --useful" : "")
  }

  /// Signals, those of the best strategy with the word for it: the diagnosis is of all strategies of the run, and may be another.
  private static func shown(_ signals: [SignalReading]) -> String {
    let ofBest = signals.filter { reading in
      Taxonomy.current.signals.contains { $0.name == reading.signal && $0.isOfBestStrategy }
    }
    let others = signals.filter { reading in !ofBest.contains(reading) }
    var parts = others.map(\.shown)
    if !ofBest.isEmpty {
      parts.insert("best strategy: " + ofBest.map(\.shown).joined(separator: ", "), at: 0)
    }
    return parts.joined(separator: "; ")
  }

  /// Of what the diagnoses and the figures are, below the steps of several cryptos; nil where no diagnosis stands beside a figure.
  public static func legend(of steps: [CryptoStep]) -> String? {
    guard steps.contains(where: { $0.code != nil && !($0.critical + $0.warning).isEmpty || $0.exit != nil })
    else { return nil }
    return
      "A diagnosis is of the whole run: the most frequent of its strategies' primaries, or NO_CANDIDATES. "
      + "Figures of a strategy, in an exit criterion too, are of the best one, which may have another one."
  }
}
