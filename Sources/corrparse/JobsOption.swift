public import ArgumentParser
import Glibc
public import Ingest

/// How many logs are read at once.
struct JobsOption: ParsableArguments {
  private static let variable = "CORRPARSE_JOBS"
  private static let allowed = 1...64

  @Option(
    help: ArgumentHelp(
      "How many logs are read at once, each with a connection of its own (default: $CORRPARSE_JOBS, else the number of cores).",
      valueName: "n"))
  var jobs: Int?

  func validate() throws {
    if let jobs, !Self.allowed.contains(jobs) {
      throw ValidationError(
        "--jobs is a number from \(Self.allowed.lowerBound) to \(Self.allowed.upperBound)")
    }
  }

  /// The number that counts.
  /// - Throws: A configuration error when the environment has one that is none.
  func resolved() throws -> Int {
    if let jobs { return jobs }
    guard let text = Environment[Self.variable] else {
      return min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), Self.allowed.upperBound)
    }
    guard let jobs = Int(text), Self.allowed.contains(jobs) else {
      Diagnostics.say(
        "\(Self.variable) is a number from \(Self.allowed.lowerBound) to \(Self.allowed.upperBound), not '\(text)'"
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
