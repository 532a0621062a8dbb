import ArgumentParser
import Glibc
import GoldenCorpus
import LogInput
import LogModel
import SystemPackage

struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus",
    abstract: "Compare logs with the records that they are known to give.",
    discussion: """
      A case is input.log (or input.log.gz) with expected.ndjson in a folder of its own, or NAME.log with \
      NAME.expected.ndjson. The expectation is what `corrparse parse --format ndjson` prints, without explanations, \
      identities from paths, and times that are not the log's. line-format.txt gives a log's own format.

      Examples:
        corrparse corpus verify Tests/Corpus
        corrparse corpus update Tests/Corpus/mine
      """,
    subcommands: [CorpusVerifyCommand.self, CorpusUpdateCommand.self])
}

struct CorpusVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Say which records differ from their expectation, and where.",
    discussion: """
      Examples:
        corrparse corpus verify Tests/Corpus

      Exit status: 0 all as expected; 1 something differs; 65 a log is damaged or an expectation could not be read; 74 \
      reading a log failed; 77 a log may not be read.
      """)

  @Argument(help: "The corpus.", completion: .directory)
  var folder: String

  func validate() throws { try ConnectionStringAsPath.refuse(in: [folder]) }

  func run() throws {
    try CorpusSession(folder).run { (item, expected, got, session) in
      guard let expected else {
        session.differs(
          "\(PrintableText.escaped(item.name)): no expectation; corrparse corpus update \(session.folder) writes it"
        )
        return
      }
      if let report = GoldenCase.report(expected: expected, got: got) {
        session.differs(PrintableText.escaped(item.name) + report)
      }
    }
  }
}

struct CorpusUpdateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Write what the logs give now as their expectation.",
    discussion: """
      Look at the difference before you commit it. Expectations that hold are not touched.

      Examples:
        corrparse corpus update Tests/Corpus && git diff Tests/Corpus

      Exit status: 0 done; 65 a log is damaged; 74 a log could not be read or an expectation written; 77 a log may not be \
      read.
      """)

  @Argument(help: "The corpus.", completion: .directory)
  var folder: String

  func validate() throws { try ConnectionStringAsPath.refuse(in: [folder]) }

  func run() throws {
    try CorpusSession(folder).run { (item, expected, got, session) in
      guard expected != got else { return }
      do {
        try CorpusSession.write(got.map { $0 + "\n" }.joined(), to: item.expectation)
        session.say(
          "\(PrintableText.escaped(item.name)): \(expected == nil ? "written" : "updated"), \(Amount.of(got.count, "line"))"
        )
      } catch {
        Diagnostics.say("\(item.expectation.string): cannot be written: \(error)")
        session.fail(.inputOutput)
      }
    }
  }
}

/// One run over a corpus.
private final class CorpusSession {
  let folder: String
  private var failure: ExitStatus?
  private var differing = 0
  private var output = StandardOutput()

  init(_ folder: String) {
    self.folder = folder
  }

  /// Counts and prints a case whose records differ from the expectation.
  func differs(_ text: String) {
    differing += 1
    say(text)
  }

  /// Notes an exit status. Of several, the first in the order of 5-command-line, Exit codes counts.
  func fail(_ status: ExitStatus) {
    failure = ExitStatus.first(of: [failure, status].compactMap(\.self))
  }

  private func report(_ error: InputError) {
    Diagnostics.say(error.description)
    fail(ExitStatus(error.concern))
  }

  func say(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      output.line(StyledText(String(line)))
    }
  }

  func run(
    _ body: (GoldenCase, _ expected: [String]?, _ got: [String], CorpusSession) -> Void
  ) throws {
    var cases = 0
    for item in try self.cases(in: RawArguments.path(folder)) {
      cases += 1
      do {
        let (got, problem) = item.output(lineFormat: try item.lineFormat())
        let expected = try item.expected()
        // A case may expect that its content is refused.
        if let problem, problem.concern != .content || expected == nil {
          report(problem)
          continue
        }
        body(item, expected, got, self)
      } catch {
        Diagnostics.say("\(item.name): \(error)")
        fail(.damagedInput)
      }
    }
    try output.closeOrExit()
    guard cases > 0 else {
      Diagnostics.say("\(folder): no .log or .log.gz in it")
      throw ExitStatus.damagedInput.exit
    }
    Diagnostics.say("\(Amount.of(cases, "case")), \(differing) differ\(differing == 1 ? "s" : "")", .info)
    if let failure { throw failure.exit }
    if differing > 0 { throw ExitCode(1) }
  }

  private func cases(in folder: FilePath) throws -> [GoldenCase] {
    var walk: LogWalk
    do throws(InputError) {
      walk = try LogWalk(folder)
    } catch {
      Diagnostics.say(error.namingNearest().description)
      throw ExitStatus(error.concern).exit
    }
    var cases: [GoldenCase] = []
    while let finding = walk.next() {
      switch finding {
      case .log(let log): cases.append(GoldenCase(name: log.relativePath.string, log: log.path))
      case .skipped, .ignored: break
      case .failed(let error): report(error)
      }
    }
    return cases.sorted { $0.name < $1.name }
  }

  /// Writes a file under another name and renames it, so that nobody sees half of it.
  static func write(_ text: String, to path: FilePath) throws {
    var partial = path
    partial.extension = "part"
    let file = try FileDescriptor.open(
      partial, .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    _ = try file.closeAfter { try file.writeAll(Array(text.utf8)) }
    let result = unsafe partial.withPlatformString { from in
      unsafe path.withPlatformString { to in unsafe rename(from, to) }
    }
    guard result == 0 else { throw Errno(rawValue: errno) }
  }
}
