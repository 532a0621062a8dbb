import ArgumentParser

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version",
    abstract: "Print the version, as --version does.",
    discussion: """
      Examples:
        corrparse version
      """)

  func run() throws {
    var output = StandardOutput()
    output.line(StyledText(Corrparse.configuration.version))
    try output.closeOrExit()
  }
}
