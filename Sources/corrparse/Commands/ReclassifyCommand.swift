import ArgumentParser
import Diagnosis
import DiagnosticWriter

struct ReclassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reclassify",
    abstract: "Judge stored records under a version of the taxonomy. No log is read.",
    discussion: """
      Verdicts of other versions stay. Running it again changes nothing; a run that was broken off is run again.

      Examples:
        corrparse reclassify
        corrparse reclassify --taxonomy 1

      Exit status: 0 done; 69 database unreachable; 75 try again later; 77 missing rights; 78 schema and program \
      do not fit.
      """)

  @Option(parsing: .unconditional, help: "The taxonomy version; else the current one.")
  var taxonomy: Int = Taxonomy.current.version

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var logging: LoggingOptions

  func validate() throws {
    guard Taxonomy.version(taxonomy) != nil else {
      throw ValidationError(
        "there is no taxonomy version \(taxonomy); this program knows "
          + Taxonomy.all.map { String($0.version) }.joined(separator: ", "))
    }
  }

  func run() throws {
    guard let taxonomy = Taxonomy.version(taxonomy) else { return }
    try reportingDatabaseErrors { () throws(DatabaseError) in
      let connection = try database.connectToSchema(logging.makeLogger())
      let summary = try Reclassifier(connection, classifier: Classifier(taxonomy: taxonomy)).run()
      Diagnostics.say(
        "taxonomy \(taxonomy.version): \(summary.records) records = \(summary.added) newly judged "
          + "+ \(summary.changed) changed + \(summary.unchanged) unchanged", .info)
    }
  }
}
