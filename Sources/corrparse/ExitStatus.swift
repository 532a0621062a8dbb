import ArgumentParser
import DiagnosticWriter
import LogInput

/// How the program ends (5-command-line, Exit codes; sysexits, chosen so that a pod failure policy can tell
/// retry from give-up).
enum ExitStatus: Int32, CaseIterable {
  case done = 0
  case usage = 64
  /// Some input could not be read or was damaged; the rest was processed.
  case damagedInput = 65
  /// Database, bucket or server unreachable.
  case unavailable = 69
  /// A bug, or the accounting equation does not hold.
  case software = 70
  /// A stack or address space too small.
  case system = 71
  /// Reading or writing failed, a full disk under stdout included.
  case inputOutput = 74
  /// Try again later.
  case temporary = 75
  case missingRights = 77
  /// Configuration, or schema and binary do not fit.
  case configuration = 78

  /// The exit status of trouble with an object store.
  init(_ trouble: BucketTrouble) {
    self =
      switch trouble {
      case .unreachable, .endless: .unavailable
      case .busy: .temporary
      case .credentials, .forbidden: .missingRights
      case .configuration: .configuration
      case .archived, .unreadable, .missing, .changed, .cut, .length: .damagedInput
      // Whoever stopped the program has an exit status of its own.
      case .stopped: .software
      }
  }

  /// The exit status of an error of one input, given what it is about.
  init(_ concern: InputError.Concern) {
    self =
      switch concern {
      case .content, .absence: .damagedInput
      case .rights: .missingRights
      case .system: .inputOutput
      case .store(let trouble): ExitStatus(trouble)
      }
  }

  /// The one status of a run in which several things went wrong (5-command-line, Exit codes); nil where nothing did.
  static func first(of statuses: some Sequence<ExitStatus>) -> ExitStatus? {
    statuses.min { $0.rank < $1.rank }
  }

  private var rank: Int {
    let order: [ExitStatus] = [
      .usage, .system, .software, .missingRights, .configuration, .unavailable, .inputOutput,
      .temporary,
      .damagedInput, .done,
    ]
    return order.firstIndex(of: self) ?? order.count
  }

  /// Ends the command with this status, as argument-parser wants it.
  var exit: ExitCode { ExitCode(rawValue) }

  /// The way out after a signal: 128 and its number, as a shell has it.
  static func stopped(_ status: Int32) -> ExitCode { ExitCode(status) }
}
