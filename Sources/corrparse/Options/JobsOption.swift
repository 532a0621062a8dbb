public import ArgumentParser
import Glibc
public import Ingest

/// How many logs are read at once.
struct JobsOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many logs are read at once, each with a connection of its own (default: $CORRPARSE_JOBS, else the number of cores).",
      valueName: "n"))
  var jobs: Int?

  func validate() throws { try Jobs.validate(jobs) }

  /// The number that counts.
  /// - Throws: A configuration error when `CORRPARSE_JOBS` holds no number of jobs.
  func resolved() throws -> Int { try Jobs.resolved(jobs) }
}

/// How many logs `parse` reads at once.
struct ParseJobsOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many logs are read at once; the order of the output does not depend on it (default: $CORRPARSE_JOBS, else the number of cores).",
      valueName: "n"))
  var jobs: Int?

  func validate() throws { try Jobs.validate(jobs) }

  /// The number that counts.
  /// - Throws: A configuration error when `CORRPARSE_JOBS` holds no number of jobs.
  func resolved() throws -> Int { try Jobs.resolved(jobs) }
}

/// What both options take for a number of jobs.
private enum Jobs {
  private static let variable = "CORRPARSE_JOBS"
  private static let allowed = 1...64

  static func validate(_ jobs: Int?) throws {
    guard let jobs, !allowed.contains(jobs) else { return }
    throw ValidationError("--jobs is a number from \(allowed.lowerBound) to \(allowed.upperBound)")
  }

  static func resolved(_ jobs: Int?) throws -> Int {
    if let jobs { return jobs }
    guard let text = Environment[variable] else {
      return min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), allowed.upperBound)
    }
    guard let jobs = Int(text), allowed.contains(jobs) else {
      Diagnostics.say(
        "\(variable) is a number from \(allowed.lowerBound) to \(allowed.upperBound), not '\(SecretArgument.shown(text))'"
      )
      throw ExitStatus.configuration.exit
    }
    return jobs
  }
}

/// `I/N`: one of N parts, counted from 0.
extension LogShard: ExpressibleByArgument {
  /// Reads `I/N`.
  public init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]) else { return nil }
    self.init(index: index, count: count)
  }
}
