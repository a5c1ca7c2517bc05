"""Pictures of a world that changes while one learns, or after."""

from nnopt_viz.gallery.entry import FAILURE, GALLERY, SUCCESS, Entry

GALLERY.add(
    Entry(
        name="drift_followed_and_lost",
        title="Drift followed, drift lost",
        topics=(FAILURE, "drift", "schedules"),
        query="surface=covariate_shift&run=sgd(lr=0.2)"
        "&run=sgd(lr=0.2,schedule=inverse_time(half=20))&drift=linear&steps=300",
        sentence="The data move at a steady pace. At a constant rate descent ends {constant:2} "
        "above the best loss there is then; at a rate that falls it is left behind, {falling:2} "
        "above.",
        figures=lambda race: {"constant": race.regret(0), "falling": race.regret(1)},
        holds=lambda f: 0 < f["constant"] < f["falling"] / 20,
        source="Widrow, McCool, Larimore & Johnson 1976, Stationary and nonstationary learning "
        "characteristics of the LMS adaptive filter",
    )
)

GALLERY.add(
    Entry(
        name="memory_lags_behind",
        title="A long memory lags behind",
        topics=(FAILURE, "drift", "adaptive", "momentum"),
        query="surface=covariate_shift&run=adam(lr=0.1)&run=adam(lr=0.1,beta1=0.99)&drift=linear"
        "&steps=300",
        sentence="Adam with a memory (beta) of {short} follows the moving minimum and ends "
        "{near:2} above it; at {long} it still heads where the minimum was going long ago, and "
        "ends {far:2} above.",
        figures=lambda race: {
            "short": race.knob(0, "beta1"),
            "long": race.knob(1, "beta1"),
            "near": race.regret(0),
            "far": race.regret(1),
        },
        holds=lambda f: 0 < f["near"] < f["far"] / 20,
        source="Kingma & Ba 2015, Adam: A method for stochastic optimization; the lag as in "
        "Widrow & Stearns 1985, Adaptive signal processing",
    )
)

GALLERY.add(
    Entry(
        name="sharp_minimum_shifted",
        title="The sharp minimum pays when the world shifts",
        topics=(FAILURE, "drift", "minima", "rates"),
        query="surface=shifted_sharp_minimum&run=sgd(lr=0.01)&run=sgd(lr=0.06)&steps=300",
        sentence="Both runs reach the lowest loss; one sits in the sharp minimum, the other, at "
        "{times} times the rate, in the flat one. After the same small shift of the world the "
        "first has a loss of {sharp:2}, the second of {flat:2}.",
        figures=lambda race: {
            "times": race.knob(1, "lr") / race.knob(0, "lr"),
            "before": max(race.loss(0), race.loss(1)),
            "sharp": race.after(0),
            "flat": race.after(1),
        },
        holds=lambda f: f["before"] < 1e-9 and f["sharp"] > 10 * f["flat"],
        source="Keskar et al. 2017, On large-batch training for deep learning, fig. 1",
    )
)

GALLERY.add(
    Entry(
        name="wells_change_places",
        title="Loyal to a well that is no longer the best",
        topics=(FAILURE, "drift", "minima"),
        query="surface=swapping_wells&run=sgd(lr=0.02)&start=1.55,-0.8&drift=linear&steps=600",
        sentence="It settles in the right well, the better one then; the wells change places, and "
        "it stays: at the end it is {regret:2} above the other.",
        figures=lambda race: {"regret": race.regret(0), "x": race.x(0)},
        holds=lambda f: f["regret"] > 0.5 and f["x"] > 0,
        source="Morrison & De Jong 1999, A test problem generator for non-stationary environments",
    )
)

GALLERY.add(
    Entry(
        name="classes_turn",
        title="A boundary that turns, followed",
        topics=(SUCCESS, "drift", "adaptive"),
        query="surface=rotating_classes&run=sgd(lr=0.5)&run=adam(lr=0.1)&drift=linear&steps=300",
        sentence="The classes turn by one radian in {steps} steps; gradient descent ends {sgd:2} "
        "above the best loss there is then, Adam {adam:2}.",
        figures=lambda race: {
            "steps": race.steps(),
            "sgd": race.regret(0),
            "adam": race.regret(1),
        },
        holds=lambda f: max(f["sgd"], f["adam"]) < 1e-3,
        source="Hulten, Spencer & Domingos 2001, Mining time-changing data streams",
    )
)
