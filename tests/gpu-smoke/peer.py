"""PyTorch's side of the benchmark: float32 without TF32, eager. Prints WORK <tab> SECONDS."""
import statistics
import time

import torch
import torch.nn.functional as F

if not torch.cuda.is_available():
    raise SystemExit("PyTorch finds no CUDA device.")
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.manual_seed(1)
device = torch.device("cuda")
print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name()}", flush=True)


def seconds(calls, action):
    start = time.perf_counter()
    for _ in range(calls):
        action()
    torch.cuda.synchronize()
    return (time.perf_counter() - start) / calls


def median(work, action):
    seconds(2, action)
    calls = min(max(int(0.3 / seconds(1, action)), 1), 500)
    rounds = [seconds(calls, action) for _ in range(5)]
    print(f"{work}\t{statistics.median(rounds)}", flush=True)


class Cnn(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 16, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(16, 32, 3, padding=1)
        self.dense1 = torch.nn.Linear(32 * 7 * 7, 128)
        self.dense2 = torch.nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.dense2(F.relu(self.dense1(x.flatten(1))))


with torch.no_grad():
    for n in (1024, 2048, 4096, 8192):
        a, b = torch.rand(n, n, device=device), torch.rand(n, n, device=device)
        median(f"gemm {n}", lambda: a @ b)

for batch in (64, 512, 4096):
    model = Cnn().to(device)
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    images, labels = torch.rand(batch, 1, 28, 28, device=device), torch.arange(batch, device=device) % 10

    def step():
        adam.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        adam.step()

    median(f"train {batch}", step)

model = Cnn().to(device).eval()
with torch.no_grad():
    for batch in (1, 64, 4096):
        images = torch.rand(batch, 1, 28, 28, device=device)
        median(f"predict {batch}", lambda: F.softmax(model(images), 1))
