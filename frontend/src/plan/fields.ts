// The form's fields in words: what each one is, and where the paper speaks of it.
import type { ChoiceField, Choices, NumberField } from "./draft";

export type NumberInfo = { label: string; about: string; step: number; min: number; decimals?: number };

export const NUMBERS: Record<NumberField, NumberInfo> = {
  depth: {
    label: "Depth",
    about: "6n+2 (sec. 4.2); imagenet: 18, 34, 50, 101, 152 (Table 1)",
    step: 6,
    min: 8,
  },
  iterations: { label: "Iterations", about: "Mini-batches; the paper's 64k (sec. 4.2)", step: 1000, min: 1 },
  seed: { label: "Seed", about: "Initialisation, order, augmentation", step: 1, min: 0 },
  batch_size: { label: "Batch size", about: "Images in a mini-batch (sec. 4.2)", step: 32, min: 1 },
  lr: { label: "Learning rate", about: "At the start (sec. 4.2)", step: 0.01, min: 0, decimals: 6 },
  momentum: { label: "Momentum", about: "Sec. 4.2", step: 0.1, min: 0, decimals: 6 },
  weight_decay: { label: "Weight decay", about: "Sec. 4.2", step: 0.0001, min: 0, decimals: 8 },
  train_images: {
    label: "Training images",
    about: "The rest is for validation; 45,000 of CIFAR-10 in sec. 4.2",
    step: 1000,
    min: 1,
  },
  evaluate_every: { label: "Evaluate every", about: "Iterations", step: 100, min: 1 },
  checkpoint_every: { label: "Checkpoint every", about: "Iterations", step: 100, min: 1 },
};

export const DROPS = {
  label: "Learning-rate drops",
  about: "Iterations at which the rate is divided by 10; 32k and 48k of 64k (sec. 4.2)",
};

type ChoiceInfo<F extends ChoiceField> = {
  label: string;
  about: string;
  words: Record<Choices[F][number], string>;
};

export const CHOICES: { [F in ChoiceField]: ChoiceInfo<F> } = {
  family: {
    label: "Family",
    about: "Your own images go to either",
    words: { cifar: "cifar: 32×32 (sec. 4.2)", imagenet: "imagenet: 224×224 crops (Table 1)" },
  },
  shortcut: {
    label: "Shortcut",
    about: "Sec. 3.3 and 4.1; the paper's CIFAR nets use A",
    words: {
      none: "none (plain)",
      A: "A: zero padding",
      B: "B: projections where it grows",
      C: "C: all projections",
    },
  },
  augment: {
    label: "Augmentation",
    about: "Sec. 4.2",
    words: { paper: "paper: pad-4 crop and flip", crop: "crop: no flip", none: "none" },
  },
  precision: {
    label: "Precision",
    about: "tf32 and bf16 depart from the paper",
    words: { fp32: "fp32", tf32: "tf32", bf16: "bf16" },
  },
  warmup: {
    label: "Warm-up",
    about: "Of the rate, where n ≥ 18; footnote 5 trains without",
    words: { none: "none" },
  },
};
