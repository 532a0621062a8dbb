import ArgumentParser
import DiagnosticWriter

/// How often work on the database is tried again.
struct RetriesOption: ParsableArguments {
  private static let variable = "CORRPARSE_RETRIES"
  private static let allowed = 0...100

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often a failure of the database or bucket that may pass is tried again, with growing pauses (default: $CORRPARSE_RETRIES, else 17: 46 seconds to a minute). A database that cannot be reached at the start ends the run at once.",
      valueName: "n"))
  var retries: Int?

  func validate() throws {
    if let retries, !Self.allowed.contains(retries) {
      throw ValidationError(
        "--retries is a number from \(Self.allowed.lowerBound) to \(Self.allowed.upperBound)")
    }
  }

  /// The patience that counts.
  /// - Throws: A configuration error when the environment has a number that is none.
  func resolved() throws -> RetryPatience {
    if let retries { return RetryPatience(attempts: retries + 1) }
    return try Self.ofEnvironment()
  }

  /// The patience of a command without the option.
  /// - Throws: A configuration error when the environment has a number that is none.
  static func ofEnvironment() throws -> RetryPatience {
    guard let text = Environment[variable] else { return RetryPatience() }
    guard let retries = Int(text), allowed.contains(retries) else {
      Diagnostics.say(
        "\(Self.variable) is a number from \(Self.allowed.lowerBound) to \(Self.allowed.upperBound), not '\(SecretArgument.shown(text))'"
      )
      throw ExitStatus.configuration.exit
    }
    return RetryPatience(attempts: retries + 1)
  }
}
