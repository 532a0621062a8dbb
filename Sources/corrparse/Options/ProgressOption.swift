import ArgumentParser
import Glibc

/// How a run shows how far it is.
enum ProgressForm: String, CaseIterable, ExpressibleByArgument {
  /// One line that is drawn over where standard error is a terminal, nothing elsewhere.
  case auto
  /// A line of its own every ten seconds, on a terminal or not.
  case plain
  /// Nothing.
  case off
}

/// Whether and how progress is shown on standard error.
struct ProgressOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How far the run is: auto (one line that is drawn over, on a terminal), plain (a line every ten seconds, for a job's log) or off.",
      valueName: "auto|plain|off"))
  var progress = ProgressForm.auto

  /// The form that counts: a line to draw over needs a terminal, and messages for people.
  var form: ProgressForm {
    switch progress {
    case .auto: Diagnostics.format == .text && isatty(STDERR_FILENO) == 1 ? .auto : .off
    case .plain, .off: progress
    }
  }
}
