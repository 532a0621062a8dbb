public import LogModel

/// One of the manual's golden signals (section 2): what it measures, and from where on it warns.
///
/// The database's functions read these from the reference tables that `migrate` fills; docs and dashboards are printed
/// from the same. A signal that is past no bound is ok only when none of its inputs is unknown.
public struct GoldenSignal: Sendable, Hashable {
  /// What a signal is measured for: one row each.
  public enum Scope: String, Sendable, Hashable {
    /// Once, as `platform`.
    case platform
    /// For every DAG.
    case dag
    /// For every DAG, and for all of them as `all`.
    case dagAndAll = "dag and all"
    /// For every crypto (ADR-27: compared with itself only).
    case crypto
  }

  /// The name, as in the manual.
  public let name: String
  /// What it is measured for.
  public let scope: Scope
  /// The unit of its value; empty where the value has none.
  public let unit: String
  /// Whether it is a figure of the crypto's best strategy in its last run, which another strategy's diagnosis need not fit.
  public var isOfBestStrategy: Bool { scope == .crypto && Self.ofBestStrategy.contains(name) }
  private static let ofBestStrategy: Set<String> = [
    "f1_buy_delta_vs_baseline", "screening_testing_gap", "std_f1_buy", "sortino", "sl_pct", "timeout_pct",
  ]
  /// What the value is (3-classification, Golden signals).
  public let meaning: String
  /// From where on it warns or is critical; one of a status's suffices.
  public let bounds: [SignalBound]
}

/// A bound of a golden signal.
public struct SignalBound: Sendable, Hashable {
  /// What passing the bound makes the signal, unless another bound makes it worse.
  public enum Status: String, Sendable, Hashable {
    case warning, critical
  }

  /// How a reading is past the bound.
  public enum Comparison: String, Sendable, Hashable {
    case over = ">"
    case atLeast = ">="
    case under = "<"
    case atMost = "<="
  }

  /// What is compared: the signal's own name, or one of its inputs. `p95` is the value as a multiple of its p95.
  public let input: String
  /// What passing makes the signal.
  public let status: Status
  /// Which side of the bound is past it.
  public let comparison: Comparison
  /// The bound, in the input's unit.
  public let value: ExactDecimal

  /// The bound as docs and `corrparse state` print it.
  public var text: String { "\(input) \(comparison.rawValue) \(value)" }
}

/// The global state (manual, section 0).
public enum GlobalState: String, CaseIterable, Sendable, Hashable {
  case green = "GREEN"
  case yellow = "YELLOW"
  case orange = "ORANGE"
  case red = "RED"
  /// Nothing is triggered and something is not known.
  case unknown = "UNKNOWN"
}

/// A condition of the global state.
public struct StateCondition: Sendable, Hashable {
  /// The name, as in `diagnostics.global_state_condition_v1`.
  public let name: String
  /// The state that it makes when it is triggered, unless another makes it worse.
  public let contributes: GlobalState
  /// When it triggers (3-classification, Global state).
  public let meaning: String
  /// The bounds of a signal of which passing one triggers it; empty where it is no signal's.
  public let bounds: [SignalBound]

  /// The bounds as docs and `corrparse state` print them: `pvc_pct > 85 or pods_down > 0`; nil where there are none.
  public var boundText: String? { bounds.isEmpty ? nil : bounds.map(\.text).joined(separator: " or ") }

  /// A condition from its parts.
  init(name: String, contributes: GlobalState, meaning: String, bounds: [SignalBound] = []) {
    self.name = name
    self.contributes = contributes
    self.meaning = meaning
    self.bounds = bounds
  }
}

/// A window or count that golden signals and conditions use.
public struct SupervisionSetting: Sendable, Hashable {
  /// The name by which the database's functions ask for it; one that ends in `_hours` counts hours.
  public let name: String
  /// The value.
  public let value: String
  /// What it decides.
  public let meaning: String
}
