import ArgumentParser
import Diagnosis

/// When to write colours.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument {
  case auto, always, never
}

/// Colours for people (5-command-line): on a terminal, unless `NO_COLOR` or a dumb terminal says otherwise; a
/// flag wins.
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
