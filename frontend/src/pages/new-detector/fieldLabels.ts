// The form's fields: their labels, bounds and choices. The API serves their descriptions.
import type { ChoiceName, Choices, FlagName, NumberName } from "../../form/detectorDraft";
import type { ChoiceInfo, NumberInfo } from "../../form/fieldInfo";

export const NUMBERS: Record<NumberName, NumberInfo> = {
  iterations: { label: "Iterations", step: 1000, min: 1 },
  seed: { label: "Seed", step: 1, min: 0 },
  side: { label: "Shorter side", step: 50, min: 32 },
  longest: { label: "Longest side", step: 50, min: 32 },
  roi_size: { label: "Side of the pooled map", step: 1, min: 2 },
  roi_batch: { label: "Regions an image", step: 16, min: 1 },
  freeze_up_to: { label: "Fixed layers, up to conv", step: 1, min: 0 },
  batch_size: { label: "Batch size", step: 1, min: 1 },
  lr: { label: "Learning rate", step: 0.001, min: 0, decimals: 6 },
  momentum: { label: "Momentum", step: 0.1, min: 0, decimals: 6 },
  weight_decay: { label: "Weight decay", step: 0.0001, min: 0, decimals: 8 },
  evaluate_every: { label: "Evaluate every", step: 100, min: 1 },
  checkpoint_every: { label: "Checkpoint every", step: 100, min: 1 },
  devices: { label: "Devices", step: 1, min: 1 },
};

export const CHOICES: { [F in ChoiceName]: ChoiceInfo<Choices[F][number]> } = {
  network: {
    label: "Network",
    words: {
      vgg16: "VGG-16",
      resnet18: "ResNet-18",
      resnet34: "ResNet-34",
      resnet50: "ResNet-50",
      resnet101: "ResNet-101",
      resnet152: "ResNet-152",
    },
  },
  pooling: { label: "Region pooling", words: { pool: "RoIPool", align: "RoIAlign" } },
  batch_norm: { label: "Batch norm", words: { frozen: "frozen", live: "live: trained with the detector" } },
  training: {
    label: "Training",
    words: { joint: "proposals and regions together", four_step: "four alternating steps" },
  },
  augment: { label: "Augmentation", words: { paper: "mirror half of the images", none: "none" } },
  ap: {
    label: "mAP",
    words: { voc07: "VOC 07: 11 points", area: "VOC 2010: area", coco: "COCO: mAP@[.5,.95]" },
  },
  precision: { label: "Precision", words: { fp32: "fp32", tf32: "tf32", bf16: "bf16" } },
};

export const FLAGS: Record<FlagName, string> = {
  context: "Global context",
  stride_in_1x1: "Stride in the first 1×1 layer",
  validation: "Keep validation images apart",
};
