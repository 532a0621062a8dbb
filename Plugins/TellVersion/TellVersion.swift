import Foundation
import PackagePlugin

/// Writes the program's version into a source file of the module (Scripts/version.sh). A build does so when git's HEAD or tags or
/// CHANGELOG.md have changed since the last one, and compiles that one file.
@main struct TellVersion: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let source = context.package.directoryURL
    let script = source.appending(path: "Scripts/version.sh")
    let output = context.pluginWorkDirectoryURL.appending(path: "ProgramVersion.swift")
    let (own, common) = gitFolders(of: source)
    let told =
      ["HEAD", "logs/HEAD"].map { own.appending(path: $0) }
      + ["refs/tags", "packed-refs"].map { common.appending(path: $0) }
    let inputs = told.filter { FileManager.default.fileExists(atPath: $0.path) }
    let environment = ProcessInfo.processInfo.environment.filter {
      ["PATH", "HOME", "CORRPARSE_VERSION"].contains($0.key)
    }
    return [
      .buildCommand(
        displayName: "Telling the version", executable: URL(filePath: "/usr/bin/env"),
        arguments: ["bash", script.path, output.path], environment: environment,
        inputFiles: inputs + [script, source.appending(path: "CHANGELOG.md")], outputFiles: [output])
    ]
  }

  /// The folder of this checkout's HEAD, and that of the tags. They are one, except in a worktree.
  private func gitFolders(of source: URL) -> (own: URL, common: URL) {
    let git = source.appending(path: ".git")
    guard let line = try? String(contentsOf: git, encoding: .utf8), line.hasPrefix("gitdir: ") else {
      return (git, git)
    }
    let own = URL(filePath: trimmed(line.dropFirst(8)), relativeTo: source)
    guard let line = try? String(contentsOf: own.appending(path: "commondir"), encoding: .utf8) else {
      return (own, own)
    }
    return (own, URL(filePath: trimmed(line[...]), directoryHint: .isDirectory, relativeTo: own))
  }

  private func trimmed(_ line: Substring) -> String {
    line.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
