public import ArgumentParser
public import LogInput

/// The library that inflates gzip, by flag or environment.
struct InflaterOption: ParsableArguments {
  private static let variable = "CORRPARSE_INFLATER"

  @Option(
    help: ArgumentHelp(
      "What gzip is inflated through; the results are the same (default: $CORRPARSE_INFLATER, else the fastest there is).",
      valueName: "name"))
  var inflater: Inflater?

  /// The library that the flag names, else the environment, else the fastest.
  /// - Throws: A configuration error if the environment names a library that this program does not have.
  func resolved() throws -> Inflater {
    if let inflater { return inflater }
    guard let name = Environment[Self.variable] else { return .fastest }
    guard let inflater = Inflater(rawValue: name) else {
      let names = Inflater.allCases.map(\.rawValue).joined(separator: " or ")
      Diagnostics.say("\(Self.variable) is \(names) in this program, not '\(SecretArgument.shown(name))'")
      throw ExitStatus.configuration.exit
    }
    return inflater
  }
}

extension Inflater: ExpressibleByArgument {}
