// The form's fields: their labels, bounds and choices. The API serves their descriptions and the paper's sentences.
import type { ChoiceName, Choices, FlagName, NumberName } from "../../form/draft";
import type { ChoiceInfo, NumberInfo } from "../../form/fieldInfo";

/** `path` is the number's path in a specification, if it differs from the field's name. */
export const NUMBERS: Record<NumberName, NumberInfo & { path?: string }> = {
  depth: { label: "Depth", step: 6, min: 8 },
  iterations: { label: "Iterations", step: 1000, min: 1 },
  seed: { label: "Seed", step: 1, min: 0 },
  batch_size: { label: "Batch size", step: 32, min: 1 },
  lr: { label: "Learning rate", step: 0.01, min: 0, decimals: 6 },
  momentum: { label: "Momentum", step: 0.1, min: 0, decimals: 6 },
  weight_decay: { label: "Weight decay", step: 0.0001, min: 0, decimals: 8 },
  train_images: { label: "Training images", step: 1000, min: 1 },
  evaluate_every: { label: "Evaluate every", step: 100, min: 1 },
  checkpoint_every: { label: "Checkpoint every", step: 100, min: 1 },
  log_every: { label: "Log every", step: 1, min: 1 },
  devices: { label: "Devices", step: 1, min: 1 },
  factor: { label: "Drop factor", step: 0.1, min: 0, decimals: 6, path: "schedule.factor" },
  patience: { label: "Patience", step: 1, min: 1, path: "schedule.patience" },
  threshold: { label: "Threshold", step: 0.1, min: 0, decimals: 3, path: "schedule.threshold" },
  warmup_lr: { label: "Warm-up learning rate", step: 0.01, min: 0, decimals: 6, path: "warmup.lr" },
  warmup_until: {
    label: "Warm-up ends below (% error)",
    step: 5,
    min: 0,
    decimals: 3,
    path: "warmup.until_train_error",
  },
};

export const CHOICES: { [F in ChoiceName]: ChoiceInfo<Choices[F][number]> } = {
  family: { label: "Family", words: { cifar: "cifar: 32×32 images", imagenet: "imagenet: 224×224 crops" } },
  shortcut: {
    label: "Shortcut",
    words: {
      none: "none (plain)",
      A: "A: zero padding",
      B: "B: projections where the size changes",
      C: "C: projections everywhere",
    },
  },
  augment: {
    label: "Augmentation",
    words: { paper: "as in the paper: crop and flip", crop: "crop only, no flip", none: "none" },
  },
  precision: { label: "Precision", words: { fp32: "fp32", tf32: "tf32", bf16: "bf16" } },
  schedule: {
    label: "Schedule",
    words: { steps: "drops at set iterations", plateau: "drops when the error stops falling" },
  },
  warmup: { label: "Warm-up", words: { none: "none", until: "low rate until the error falls" } },
  init: { label: "Initialisation", words: { fan_out: "fan-out", fan_in: "fan-in" } },
};

export const FLAGS: Record<FlagName, string> = {
  nesterov: "Nesterov momentum",
  decay_batch_norm: "Weight decay on γ and β",
  stride_in_1x1: "Stride in the first 1×1 layer",
  recompute_activations: "Recompute activations",
  deterministic: "Deterministic",
};
