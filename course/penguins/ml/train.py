"""Learn to tell penguins apart: reads penguins.csv with pandas, trains with scikit-learn, writes model.joblib."""

import joblib
import pandas as pd
import sklearn
from model import FILE
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def main() -> None:
    """Train on four fifths of the penguins, test on the rest."""
    table = pd.read_csv("penguins.csv")
    print(table.groupby("species").mean().round(1))
    species, numbers = table.pop("species").to_numpy(dtype=str), table.to_numpy()
    seen, held_out, seen_species, held_out_species = train_test_split(numbers, species, test_size=0.2, random_state=7)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen, seen_species)
    joblib.dump(model, FILE)
    print(f"scikit-learn {sklearn.__version__}: {model.score(held_out, held_out_species):.1%} of {len(held_out)} right")


if __name__ == "__main__":
    main()
