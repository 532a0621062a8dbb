import Ingest
import LogModel
import RecordFormats
import SystemPackage
import TestSupport
import Testing

/// One run reads many logs with the same buffers. Each comes out as by a run of its own: compressed, damaged, cut, no log at all, and
/// behind a log that was given up.
@Suite struct ReusedRunTests {
  private struct GivenUp: Error {}

  private let paths = Corpus.cases.compactMap { $0.inputName.flatMap($0.path) }.map { FilePath($0) }

  @Test func `one run reads all logs`() throws {
    #expect(paths.count > 100)
    var shared = ParseRun(future: nil)
    for path in paths {
      var own = ParseRun(future: nil)
      #expect(read(path, &shared) == read(path, &own), "\(path)")
    }
  }

  @Test func `logs behind those that were given up`() throws {
    var shared = ParseRun(future: nil)
    for (index, path) in paths.enumerated() where index % 4 == 0 {
      let other = paths[(index * 7 + 7) % paths.count]
      do {
        try shared.parse(
          .path(other), record: { (_) throws(GivenUp) in throw GivenUp() },
          notice: { (_) throws(GivenUp) in }, chunkEnd: { () throws(GivenUp) in })
      } catch {}
      var own = ParseRun(future: nil)
      #expect(read(path, &shared) == read(path, &own), "\(path)")
    }
  }

  /// All that a run gives of a log.
  private func read(_ path: FilePath, _ run: inout ParseRun) -> [String] {
    var lines: [String] = []
    run.parse(
      .path(path),
      record: { record in
        var buffer: [UInt8] = []
        NDJSONFormat.append(record, to: &buffer)
        lines.append(String(decoding: buffer, as: UTF8.self))
      }, notice: { lines.append("\($0)") }, chunkEnd: {})
    return lines
  }
}
