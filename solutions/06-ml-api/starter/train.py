"""Train the model: softmax regression from four measurements to three species. Writes model.json.

The penguins are made up, from a fixed seed: the same seed makes the same model.
"""

import json

import numpy as np

SEED = 6
EACH = 200
ROUNDS = 2000
FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
SPECIES = {  # average and spread of each feature
    "Adelie": ([38.8, 18.3, 190.0, 3700.0], [2.5, 1.1, 6.0, 420.0]),
    "Chinstrap": ([48.8, 18.4, 196.0, 3730.0], [3.0, 1.1, 6.5, 360.0]),
    "Gentoo": ([47.5, 15.0, 217.0, 5080.0], [2.9, 0.9, 6.0, 470.0]),
}


def make_penguins(chance):
    """Draw the measurements (penguins x features) and the species of each (its place in SPECIES)."""
    measured = [chance.normal(average, spread, size=(EACH, len(FEATURES))) for average, spread in SPECIES.values()]
    return np.concatenate(measured), np.repeat(np.arange(len(SPECIES)), EACH)


def softmax(scores):
    """Turn scores (penguins x species) into probabilities; each row adds up to 1."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def train(inputs, species):
    """Fit weights (features x species) and biases (species) by gradient descent on the cross-entropy."""
    wanted = np.eye(len(SPECIES))[species]
    weights, biases = np.zeros((inputs.shape[1], len(SPECIES))), np.zeros(len(SPECIES))
    for _ in range(ROUNDS):
        error = (softmax(inputs @ weights + biases) - wanted) / len(inputs)
        weights -= 0.5 * (inputs.T @ error + 1e-3 * weights)
        biases -= 0.5 * error.sum(axis=0)
    return weights, biases


if __name__ == "__main__":
    measured, species = make_penguins(np.random.default_rng(SEED))
    mean, spread = measured.mean(axis=0), measured.std(axis=0)
    weights, biases = train((measured - mean) / spread, species)
    right = softmax((measured - mean) / spread @ weights + biases).argmax(axis=1) == species
    model = {
        "features": FEATURES,
        "species": list(SPECIES),
        "mean": mean.round(6).tolist(),
        "spread": spread.round(6).tolist(),
        "weights": weights.round(6).tolist(),
        "biases": biases.round(6).tolist(),
    }
    with open("model.json", "w", encoding="utf-8") as file:
        json.dump(model, file, indent=1)
        file.write("\n")
    print(f"trained on {len(species)} penguins, {right.mean():.1%} of them right")
