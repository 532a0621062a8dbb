import ArgumentParser
import Diagnosis

/// When to write colours.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, always, never
}

/// Decides about colours (5-command-line). They are used on a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`. The option `--color`
/// counts before all of this.
struct ColorOption: ParsableArguments {
  @Option(help: "Colours: auto (on a terminal, without NO_COLOR), always or never.")
  var color = ColorChoice.auto

  /// Whether standard output gets colours.
  var isWanted: Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: StandardOutput.isTerminal && Environment["NO_COLOR"] == nil && Environment["TERM"] != "dumb"
    }
  }
}
