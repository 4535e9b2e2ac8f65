"""The classifier scores as scikit-learn would, and survives being stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC

from bot.nlu.case_model import NGRAMS, PASSES, PENALTY, TOLERANCE, CaseModel
from bot.nlu.terms import Rows, vectorizer

WORDS = {
    "expired": ["il codice è scaduto", "codice scaduto ieri", "il mio codice non vale più", "è scaduto il codice?"],
    "password": ["password dimenticata", "ho perso la password", "la password non la so", "nuova password grazie"],
    "greet": ["ciao", "buongiorno a tutti", "salve", "ciao ciao"],
}
TEXTS = [text for texts in WORDS.values() for text in texts]
INTENTS = [intent for intent, texts in WORDS.items() for _ in texts]
UNSEEN = ["il codice scaduto, perché?", "PERCHE", "", "ciao, ho dimenticato tutto", "zzz", "è è è è"]


def vectors_of(texts: list[str]) -> Rows:
    """Stand-ins for embeddings: any rows of length 1 do."""
    rows = np.random.default_rng(len(texts)).normal(size=(len(texts), 16)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def model() -> CaseModel:
    return CaseModel.train(TEXTS, vectors_of(TEXTS), INTENTS)


def test_the_linear_part_scores_as_scikit_learns(model: CaseModel) -> None:
    parts = [vectorizer(*kind).fit(TEXTS) for kind in NGRAMS]

    def features(texts: list[str]) -> csr_matrix:
        return hstack([csr_matrix(vectors_of(texts)), *(part.transform(texts) for part in parts)], format="csr")

    machine = LinearSVC(C=PENALTY, tol=TOLERANCE, random_state=1).fit(features(TEXTS), INTENTS)

    assert model.intents == tuple(machine.classes_)
    expected = machine.decision_function(features(UNSEEN))
    np.testing.assert_allclose(model.linear.scores(UNSEEN, vectors_of(UNSEEN)), expected, atol=1e-5)


def test_the_perceptron_scores_as_scikit_learns(model: CaseModel) -> None:
    network = MLPClassifier((256,), alpha=1e-3, max_iter=PASSES, random_state=1).fit(vectors_of(TEXTS), INTENTS)

    found = softmax(model.perceptron.scores(vectors_of(UNSEEN)), axis=1)
    np.testing.assert_allclose(found, network.predict_proba(vectors_of(UNSEEN)), atol=1e-5)


def test_a_stored_model_scores_the_same(model: CaseModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = CaseModel.load(tmp_path)

    assert loaded.intents == model.intents
    vectors = vectors_of(UNSEEN)
    np.testing.assert_array_equal(loaded.scores(UNSEEN, vectors), model.scores(UNSEEN, vectors))


def test_what_was_learnt_is_known(model: CaseModel) -> None:
    best = model.scores(TEXTS, vectors_of(TEXTS)).argmax(axis=1)

    assert [model.intents[place] for place in best] == INTENTS
