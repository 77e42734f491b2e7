"""The sticker tower: ResNet-50 -> 2048 -> 256-d joint space, with emotion and polarity heads."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as f
from transformers import ResNetConfig, ResNetModel

from training.vision.paths import EMOTIONS, FEATURE_DIM, JOINT_DIM, POLARITIES, TEXT_DIM

_FUSION_DIM = 512
_MAX_LOGIT_SCALE = 50.0


@dataclass(frozen=True, slots=True)
class TowerOutput:
    """What one forward pass gives.

    Attributes:
        features: pooled backbone features [B, 2048].
        joint: L2-normalised embedding [B, 256].
        fused: attention-weighted fusion the heads read [B, 512].
        emotion: logits [B, 9].
        polarity: logits [B, 3].
    """

    features: torch.Tensor
    joint: torch.Tensor
    fused: torch.Tensor
    emotion: torch.Tensor
    polarity: torch.Tensor


class AttentionFusion(nn.Module):
    """Weighs the places of the feature map by learned attention, fuses them with the global pool: 2048 -> 512."""

    def __init__(self) -> None:
        """Create the layers."""
        super().__init__()
        self.score = nn.Conv2d(FEATURE_DIM, 1, 1)
        self.project = nn.Linear(2 * FEATURE_DIM, _FUSION_DIM)
        self.dropout = nn.Dropout(0.2)

    def forward(self, feature_map: torch.Tensor, pooled: torch.Tensor) -> torch.Tensor:
        """Fuse a map [B, 2048, h, w] and its pool [B, 2048] into [B, 512]."""
        weights = self.score(feature_map).flatten(1).softmax(1)
        attended = torch.bmm(feature_map.flatten(2), weights.unsqueeze(2)).squeeze(2)
        fused: torch.Tensor = self.dropout(f.relu(self.project(torch.cat([pooled, attended], 1))))
        return fused


class StickerTower(nn.Module):
    """The served image tower."""

    def __init__(self, pretrained: str | None = None) -> None:
        """Create the tower.

        Args:
            pretrained: path or hub id of a `ResNetModel` checkpoint for the backbone; None starts from scratch.
        """
        super().__init__()
        self.backbone = ResNetModel.from_pretrained(pretrained) if pretrained else ResNetModel(ResNetConfig())
        self.joint = nn.Linear(FEATURE_DIM, JOINT_DIM)
        self.fusion = AttentionFusion()
        self.emotion = nn.Linear(_FUSION_DIM, len(EMOTIONS))
        self.polarity = nn.Linear(_FUSION_DIM, len(POLARITIES))

    def forward(self, image: torch.Tensor) -> TowerOutput:
        """Encode pictures [B, 3, S, S] in -1..1."""
        feature_map = self.backbone(image).last_hidden_state
        features = feature_map.mean((2, 3))
        fused = self.fusion(feature_map, features)
        joint = f.normalize(self.joint(features).float(), dim=1)
        return TowerOutput(features, joint, fused, self.emotion(fused).float(), self.polarity(fused).float())


class TextProjection(nn.Module):
    """Text space 384 -> joint space 256, started from the principal components of the training texts."""

    def __init__(self, texts: torch.Tensor | None = None) -> None:
        """Create the projection.

        Args:
            texts: sample of text embeddings [N, 384] to take the principal components of.
        """
        super().__init__()
        self.linear = nn.Linear(TEXT_DIM, JOINT_DIM, bias=False)  # so that a matrix is all the text encoder needs
        self.log_scale = nn.Parameter(torch.tensor(14.0).log())
        if texts is not None:
            components = torch.linalg.svd(texts, full_matrices=False).Vh[:JOINT_DIM]
            with torch.no_grad():
                self.linear.weight.copy_(components)

    def forward(self, text: torch.Tensor) -> torch.Tensor:
        """Project embeddings [N, 384] to unit vectors [N, 256]."""
        return f.normalize(self.linear(text), dim=1)

    def scale(self) -> torch.Tensor:
        """Return the factor that cosines are multiplied by, at most 50."""
        return self.log_scale.exp().clamp(max=_MAX_LOGIT_SCALE)


class Auxiliary(nn.ModuleDict):
    """Classification heads that only training uses, by the name of what they tell; they read the 2048 features."""

    def __init__(self, sizes: dict[str, int]) -> None:
        """Create one linear head per entry of `sizes` (name -> number of classes)."""
        super().__init__({name: nn.Linear(FEATURE_DIM, size) for name, size in sizes.items()})


CONCEPTS = ("subject", "expression", "gesture", "prop", "placement", "scene")


class KnowingTower(nn.Module):
    """The tower with the training heads whose answers help the captioner: probabilities of its concepts."""

    def __init__(self, tower: StickerTower, heads: Auxiliary) -> None:
        """Combine a tower with its auxiliary heads; only those of `CONCEPTS` are kept."""
        super().__init__()
        self.tower = tower
        self.concepts = nn.ModuleList([heads[name] for name in CONCEPTS])

    def forward(self, image: torch.Tensor) -> tuple[TowerOutput, torch.Tensor]:
        """Return what the tower gives, and emotion and concept probabilities side by side [B, C]."""
        output = self.tower(image)
        features = output.features.float()
        answers = [head(features).float().softmax(1) for head in self.concepts]
        return output, torch.cat([output.emotion.softmax(1), *answers], 1)
