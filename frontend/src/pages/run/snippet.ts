// The program that loads weights in plain PyTorch: it needs torch, safetensors and the downloaded file only.

export type Net = { depth: number; shortcut: "none" | "A" | "B" | "C"; classes: number };

/** Python that rebuilds the network of sec. 4.2 and loads `file` into it; PyTorch checks every key and shape. */
export function snippet({ depth, shortcut, classes }: Net, file: string): string {
  return `import base64

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn


class Block(nn.Module):
    def __init__(self, before, width):
        super().__init__()
        stride = 1 if before == width else 2
        self.conv1 = nn.Conv2d(before, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
${projection(shortcut)}
    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
${addition(shortcut)}

def stage(before, width):
    return nn.Sequential(*(Block(before if i == 0 else width, width) for i in range(${(depth - 2) / 6})))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1, self.layer2, self.layer3 = stage(16, 16), stage(16, 32), stage(32, 64)
        self.linear = nn.Linear(64, ${classes})

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))


file = "${file}"
net = Net().eval()
net.load_state_dict(load_file(file))
with safe_open(file, "pt") as opened:
    mean = base64.b64decode(opened.metadata()["input_mean"])
mean = torch.frombuffer(bytearray(mean), dtype=torch.float32).reshape(3, 32, 32)


@torch.no_grad()
def classify(images):  # uint8 (N, 3, 32, 32), RGB
    return net(images.float() - mean).argmax(1)`;
}

function projection(shortcut: Net["shortcut"]): string {
  if (shortcut === "none" || shortcut === "A") return "";
  const line = "nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))";
  if (shortcut === "C") return `        self.downsample = ${line}\n`;
  return `        self.downsample = nn.Identity() if stride == 1 else ${line}\n`;
}

function addition(shortcut: Net["shortcut"]): string {
  if (shortcut === "none") return "        return F.relu(y)\n";
  if (shortcut === "A") {
    return `        if x.shape != y.shape:  # option A: stride 2, zeros for the new channels
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, y.shape[1] - x.shape[1]))
        return F.relu(y + x)
`;
  }
  return "        return F.relu(y + self.downsample(x))\n";
}
