import ArgumentParser

@main
struct Corrparse: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "corrparse")
}
