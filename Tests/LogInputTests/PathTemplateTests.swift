import LogModel
import SystemPackage
import Testing

@testable import LogInput

/// `--path-template`: the log_filename_template of airflow.cfg (2-log-envelopes, Identity).
@Suite struct PathTemplateTests {
  private static let airflow3 =
    "dag_id={{ ti.dag_id }}/run_id={{ ti.run_id }}/task_id={{ ti.task_id }}/"
    + "{% if ti.map_index >= 0 %}map_index={{ ti.map_index }}/{% endif %}attempt={{ try_number|default(ti.try_number) }}.log"

  private func attempt(_ template: String, _ path: String, below root: String? = nil) throws -> String? {
    let found = try PathTemplate(template).logPath(
      below: root.map { Array($0.utf8) }, whole: Array(path.utf8), isEncoded: false)
    return found.map { found in
      let task = found.identity
      let index = task.mapIndex.map(String.init) ?? "-"
      return "\(task.dagID) \(task.runID) \(task.taskID) \(index) \(task.tryNumber) \(task.part)"
        + (found.isRunLogicalDate ? "date" : "")
    }
  }

  /// Airflow's own templates say what the program knows without them.
  @Test(arguments: [
    ("dag_id=d/run_id=r/task_id=t/attempt=1.log", "d r t - 1 "),
    ("/logs/dag_id=d/run_id=r/task_id=t/map_index=3/attempt=12.log.gz", "d r t 3 12 "),
    ("dag_id=d/run_id=r/task_id=t/attempt=1.log.trigger.7.log", "d r t - 1 trigger.7"),
  ])
  func `the default template of Airflow 3`(path: String, expected: String) throws {
    #expect(try attempt(Self.airflow3, path) == expected)
    #expect(LogPath(FilePath(path)) == (try PathTemplate(Self.airflow3).logPath(FilePath(path))))
  }

  @Test(arguments: [
    (
      "{{ ti.dag_id }}/{{ ti.task_id }}/{{ ts }}/{{ try_number }}.log",
      "/x/d/t/2026-03-28T02:00:00+00:00/2.log",
      "d 2026-03-28T02:00:00+00:00 t - 2 date"
    ),
    (
      "{{ dag_run.run_id }}/{{ ti.dag_id }}.{{ ti.task_id }}.{{ ti.try_number }}.log", "r/d.t.3.log",
      "d r t - 3 "
    ),
    (
      "{{ ti.hostname }}/{{ ti.dag_id }}__{{ ti.task_id }}/{{ run_id }}/{%- if ti.map_index > -1 -%}m{{ ti.map_index }}/{% else %}all/{% endif %}{{ try_number }}.log",
      "host-1/d__t/manual__2026/m4/1.log", "d manual__2026 t 4 1 "
    ),
  ])
  func `a template of one's own`(template: String, path: String, expected: String) throws {
    #expect(try attempt(template, path) == expected)
  }

  /// Below a root a path is read as a whole, so that a mapped task's is not read from its middle.
  @Test func `an unnamed map index is told by the length of the path below the root`() throws {
    let template =
      "{{ ti.dag_id }}/{{ ti.run_id }}/{{ ti.task_id }}/{% if ti.map_index >= 0 %}{{ ti.map_index }}/{% endif %}{{ try_number }}.log"
    #expect(try attempt(template, "/logs/d/r/t/3/1.log", below: "d/r/t/3/1.log") == "d r t 3 1 ")
    #expect(try attempt(template, "/logs/d/r/t/1.log", below: "d/r/t/1.log") == "d r t - 1 ")
    // Without a root it may be either, and a wrong task is worse than none.
    #expect(try attempt(template, "/logs/d/r/t/3/1.log") == nil)
  }

  @Test(arguments: [
    ("{{ ti.dag_id }}_{{ ti.task_id }}/{{ run_id }}/{{ try_number }}.log", "a_b_c/r/1.log"),
    (airflow3, "dag_id=d/run_id=r/task_id=t/attempt=x.log"),
    (airflow3, "dag_id=d/run_id=r/task_id=t/other/attempt=1.log"), (airflow3, "attempt=1.log"),
    (airflow3, ""),
  ])
  func `a path that does not fit, or fits in two ways, names no task`(template: String, path: String) throws {
    #expect(try attempt(template, path) == nil)
  }

  @Test(arguments: [
    ("{{ ti.task_id }}/{{ run_id }}/{{ try_number }}.log", "ti.dag_id"),
    ("{{ ti.dag_id }}/{{ ti.task_id }}/{{ try_number }}.log", "ti.run_id"),
    ("{{ ti.dag_id }}/{{ ti.task_id }}/{{ run_id }}/x.log", "try_number"),
    ("{{ ti.dag_id }}/{{ ti.task_id /{{ run_id }}/{{ try_number }", "without }}"),
    ("{% for x in y %}{% endfor %}", "{% if"), ("{% if x %}", "{% endif %}"),
  ])
  func `a template that names no attempt is refused with what it lacks`(template: String, part: String) {
    let failure = #expect(throws: PathTemplate.Invalid.self) { try PathTemplate(template) }
    #expect(failure?.description.contains(part) == true)
  }

  @Test func `names in a bucket's keys are decoded`() throws {
    let key = "run%3D1/d%2Fx/t/1.log"
    let template = try PathTemplate("{{ run_id }}/{{ ti.dag_id }}/{{ ti.task_id }}/{{ try_number }}.log")
    let found = template.logPath(below: nil, whole: Array(key.utf8), isEncoded: true)
    #expect(found?.identity == TaskIdentity(dagID: "d/x", runID: "run=1", taskID: "t", tryNumber: 1))
  }
}
