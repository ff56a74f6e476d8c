/** Seeing a supervisor work: what happens in its tree, without anything secret. Off until somebody asks for it. */
export {
  type ActorRecord,
  type EventRecord,
  type InspectionRecord,
  type OutcomeRecord,
  type SnapshotRecord,
  project,
  serialize,
} from './project.js'
export { type LivingActor, type Recorded, type Recorder, type RecorderOptions, createRecorder } from './recorder.js'
export { type Step, toMermaidSequence, toSequence } from './sequence.js'
export { type Inspector, type InspectorOptions, openInspector } from './open-inspector.js'
