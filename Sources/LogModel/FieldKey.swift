/// The typed fields of a record. Their order is that of the specification's table (1-correlation-data, Record) without `gates`, and of every
/// output. A new field comes last, so that what is printed keeps its order; CONTRIBUTING.md, *Four changes, file by file* has what else it takes.
/// The names are a stable interface and never changed (ADR-30).
public enum FieldKey: Int, CaseIterable, Sendable, Hashable {
  case crypto, group, timeframe, strategyID, modelVersion, horizon, phase, fold, sl, tp
  case nFolds, nTrades, nCandidates, nPassed, oomKills, podsDown
  case f1Buy, baselineF1Buy, precisionBuy, recallBuy, buyRate, actionRate, stdF1Buy, screeningF1Buy
  case lastFoldF1Buy, theta, sortino, tpPct, slPct, timeoutPct, successRate, pvcPct, cpuPct, complete

  /// The canonical key, as logged and as in every output and column.
  public var name: String { Self.names[rawValue] }

  /// The field with a canonical key.
  public init?(name: String) {
    guard let index = Self.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: index)
  }

  /// The same for writers: a name holds nothing to escape.
  package var literal: StaticString { Self.literals[rawValue] }

  /// A key as it stands before its value in JSON: `"f1_buy":`, and zeros behind it.
  struct Member {
    private(set) var bytes = SIMD32<UInt8>.zero
    private(set) var count = 0

    fileprivate init(_ name: String) {
      for byte in "\"\(name)\":".utf8 {
        bytes[count] = byte
        count += 1
      }
    }

    /// The room that a key needs with a comma before it: it is written with as many bytes as the longest one may have.
    static let room = 33
  }

  /// The keys before their values, in the order of the fields.
  static let members = names.map(Member.init)

  private static let names: [String] = {
    let names = literals.map(\.description)
    if let problem = obstacle(to: names) { fatalError("Sources/LogModel/FieldKey.swift: \(problem)") }
    return names
  }()

  /// The most letters that a name may have. The grammar compares so many at once, and ``Member`` has room for some more.
  package static let mostLetters = 24

  /// What keeps the program from working with these names, for whoever adds a field; nil where nothing does.
  static func obstacle(to names: [String]) -> String? {
    if names.count != allCases.count {
      return
        "\(allCases.count) fields and \(names.count) names; `literals` has a name for each, in their order"
    }
    if names.count > FieldNumbers.mostFields {
      return
        "\(names.count) fields; make the arrays of FieldNumbers longer, which end at \(FieldNumbers.mostFields)"
    }
    return names.first { $0.utf8.count > mostLetters }.map {
      "\($0) has \($0.utf8.count) letters; a key has at most \(mostLetters), so shorten it"
    }
  }

  private static let literals: [StaticString] = [
    "crypto", "group", "timeframe", "strategy_id", "model_version", "horizon", "phase", "fold", "sl", "tp",
    "n_folds", "n_trades", "n_candidates", "n_passed", "oom_kills", "pods_down",
    "f1_buy", "baseline_f1_buy", "precision_buy", "recall_buy", "buy_rate", "action_rate", "std_f1_buy",
    "screening_f1_buy", "last_fold_f1_buy", "theta", "sortino", "tp_pct", "sl_pct", "timeout_pct",
    "success_rate", "pvc_pct", "cpu_pct", "complete",
  ]

  /// What kind of value the field takes.
  public var domain: FieldDomain {
    switch self {
    case .crypto, .group, .timeframe, .strategyID, .modelVersion: .name
    case .horizon: .horizon
    case .phase: .phase
    case .fold: .fold
    case .sl, .tp: .positiveDecimal
    case .nFolds, .nTrades, .nCandidates, .nPassed, .oomKills, .podsDown: .count
    case .f1Buy, .baselineF1Buy, .precisionBuy, .recallBuy, .buyRate, .actionRate, .stdF1Buy,
      .screeningF1Buy, .lastFoldF1Buy, .theta:
      .fraction
    case .sortino: .anyDecimal
    case .tpPct, .slPct, .timeoutPct: .exitShare
    case .successRate, .pvcPct, .cpuPct: .percentPoints
    case .complete: .boolean
    }
  }
}

/// The domains of the table in 1-correlation-data, Record.
public enum FieldDomain: Sendable {
  /// 1 … 128 characters without blank, `=` or `,`.
  case name
  /// `H1` … `H99`.
  case horizon
  /// `screening`, `testing` or `wfrb`.
  case phase
  /// An integer from 0, or `all`.
  case fold
  /// A decimal above 0 (multiples of ATR).
  case positiveDecimal
  /// An integer from 0.
  case count
  /// A decimal in 0 … 1.
  case fraction
  /// Any finite decimal.
  case anyDecimal
  /// One of the three exit shares: percent points in 0 … 100, whose unit is inferred from all three.
  case exitShare
  /// Percent points in 0 … 100.
  case percentPoints
  /// True or false.
  case boolean
}

/// The value of one typed field.
public enum FieldValue: Sendable, Hashable {
  /// Text; also `fold=all`.
  case text(String)
  /// A count or a fold number.
  case integer(Int64)
  /// An exact decimal; percent fields are in percent points.
  case decimal(ExactDecimal)
  /// `complete`.
  case boolean(Bool)
}
