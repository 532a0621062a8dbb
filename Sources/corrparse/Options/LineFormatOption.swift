import ArgumentParser
import CorrelationGrammar
import LogModel

/// A log format of one's own, by flag or environment (2-log-envelopes, Envelopes: custom).
struct LineFormatOption: ParsableArguments {
  static let variable = "CORRPARSE_LINE_FORMAT"

  @Option(
    help: ArgumentHelp(
      "The log_format of airflow.cfg, if it is not the default (default: $CORRPARSE_LINE_FORMAT).",
      discussion: "For example '%(asctime)s %(levelname)-8s [%(name)s] %(message)s'.", valueName: "format"))
  var lineFormat: String?

  func validate() throws {
    if let lineFormat {
      do throws(LineFormat.Invalid) {
        _ = try LineFormat(lineFormat)
      } catch {
        throw ValidationError("--line-format: \(error)")
      }
    }
  }

  /// The format that the flag gives, else the environment; nil if neither does.
  /// - Throws: A configuration error if the environment has a malformed format.
  func resolved() throws -> LineFormat? {
    if let lineFormat { return try LineFormat(lineFormat) }
    guard let text = Environment[Self.variable] else { return nil }
    do throws(LineFormat.Invalid) {
      return try LineFormat(text)
    } catch {
      Diagnostics.say("\(Self.variable): \(error)")
      throw ExitStatus.configuration.exit
    }
  }
}
