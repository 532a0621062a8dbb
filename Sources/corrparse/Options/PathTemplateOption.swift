import ArgumentParser
import LogInput

/// A layout of one's own for the paths of logs, by flag or environment (2-log-envelopes, Identity).
struct PathTemplateOption: ParsableArguments {
  static let variable = "CORRPARSE_PATH_TEMPLATE"

  @Option(
    help: ArgumentHelp(
      "The log_filename_template of airflow.cfg, if it is not the default (default: $CORRPARSE_PATH_TEMPLATE).",
      discussion: "For example '{{ ti.dag_id }}/{{ ti.task_id }}/{{ ti.run_id }}/{{ try_number }}.log'.",
      valueName: "template"))
  var pathTemplate: String?

  func validate() throws {
    if let pathTemplate {
      do throws(PathTemplate.Invalid) {
        _ = try PathTemplate(pathTemplate)
      } catch {
        throw ValidationError("--path-template: \(error)")
      }
    }
  }

  /// The template that the flag gives, else the environment; nil if neither does.
  /// - Throws: A configuration error if the environment has a malformed template.
  func resolved() throws -> PathTemplate? {
    if let pathTemplate { return try PathTemplate(pathTemplate) }
    guard let text = Environment[Self.variable] else { return nil }
    do throws(PathTemplate.Invalid) {
      return try PathTemplate(text)
    } catch {
      Diagnostics.say("\(Self.variable): \(error)")
      throw ExitStatus.configuration.exit
    }
  }
}
