"""What the net asks about: queries of every kind, as the documentation spells them.

The lists are written out and not read from the registries: a refactoring that loses an
entry must be noticed. `net.py` says so when the catalogue has one that stands nowhere here.
"""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The words of a text."""
    return tuple(text.split())


SURFACES = words(
    """bowl ill_conditioned_bowl booth matyas sum_squares trid zakharov rosenbrock beale
    three_hump_camel mccormick dixon_price perm himmelblau styblinski_tang six_hump_camel branin
    goldstein_price bird michalewicz rastrigin ackley griewank levy levy_13 bohachevsky egg_crate
    drop_wave schaffer_2 schaffer_4 schwefel shubert langermann bukin_6 lasso cross_in_tray
    holder_table eggholder saddle monkey_saddle plateau_cliff weak_saddle plateau easom
    steep_walled_trap tilted_double_well freudenstein_roth ravine cliff sharp_and_flat level_minima
    two_layer_linear linear_recurrent tanh_neuron relu_neuron logistic_regression
    one_hidden_neuron linear_chain covariate_shift label_shift rotating_classes few_examples
    swapping_wells shifted_sharp_minimum"""
)
OPTIMIZERS = words(
    """sgd optimistic_gradient_descent extragradient sam momentum nesterov qhm aggmo
    accelerated_gradient adagrad adadelta rmsprop adam amsgrad adamw adamax nadam radam adan
    ademamix adopt madgrad sm3 adabelief yogi acprop qhadam adabound laprop diffgrad
    schedule_free_sgd schedule_free_adamw rprop asgd sign_sgd signum lion lars lamb novograd fromage
    dog dowg prodigy dadapt_adamw cocob polyak_sgd momo newton damped_newton trust_region_newton
    conjugate_gradient fletcher_reeves barzilai_borwein adahessian sophia apollo bfgs l_bfgs
    backtracking sgld simulated_annealing"""
)
TRAINERS = (*OPTIMIZERS, "muon", "shampoo", "adafactor")
SCHEDULES = words(
    """constant step(size=15) multistep(first=10,second=25,third=40) exponential(gamma=0.95)
    inverse_time(half=20) polynomial(power=2,final=0.1) cosine(warmup=5) linear(warmup=20)
    inverse_sqrt(warmup=10) warmup_stable_decay(warmup=5) one_cycle cyclic(half=10,shrink=0.5)
    cosine_restarts(period=10,mult=2) reduce_on_plateau(patience=3,cooldown=2)"""
)
DATASETS = words("xor moons circles spirals blobs checkerboard sine digits")
INITS = words(
    """zeros constant normal uniform lecun_normal xavier_normal xavier_uniform he_normal
    he_uniform orthogonal"""
)
PLANES = words("pca random hessian line three")
HEIGHTS = words("train test accuracy")
ACTIVATIONS = words("tanh relu leaky_relu gelu sigmoid linear")
SHIFTS = words("rotation translation label_noise class_balance smaller_sample biased_sample")
LESSONS = words(
    """convex learning_rate momentum adaptive schedules local_minima steep_walled_trap
    shift"""
)

FORMULAS = (
    'surface=formula(f="x**4 - 3*x**2 + y**2 + a*x*y",bounds="-2,2,-2,2",a=1)',
    'surface=formula(f="(x - s)**2 + a*y**2",bounds="-2,2,-2,2",a=3)&drift=linear&steps=80',
    'surface=formula(f="(x - s)**2 + y**2",s=0.25)&drift=swing(cycles=3)',
    'surface=formula(f="abs(x) + abs(y) + maximum(x, y)")&run=sgd(lr=0.1)',
    'surface=formula(f="sqrt(x) + y**2")&run=sgd(lr=0.1)',
    'surface=formula(f="log(x*y)",bounds="0.1,3,0.1,3")',
    'surface=formula(f="where(x < 0, exp(1000 - x), y)")',
    'surface=formula(f="1e300*x**2 + 1e300*y**2")',
    'surface=formula(f="floor(10*x) + floor(10*y)")',
    'surface=formula(f="log(-1 - x**2 - y**2)")',
    'surface=formula(f="sin(1e6*x)*cos(1e6*y)")&run=newton',
    'surface=formula(f="minimum(x**2, (x - 1)**2 + 0.1) + tanh(y)**2 - cosh(0.1*y)",x0=1)',
    'surface=formula(f="3")',
    'surface=formula(f="x\n+ y\t")',
    'surface=formula(f="lr*x**2 + t*y**2 + g",lr=1,t=2,g=3)&run=lars(lr=0.1)&run=polyak_sgd',
)
RULES = tuple(
    f'surface={surface}&run=rule(text="{text}",{knobs}lr=0.01)&run=sgd(lr=0.01)&steps=40'
    for surface, text, knobs in (
        ("rosenbrock", "v = beta*v + g; x = x - lr*v", "beta=0.9,"),
        ("beale", "m = b*m + (1 - b)*g; x = x - lr*m/(norm(m) + 1e-9)", "b=0.8,"),
        ("bowl", "x = x - lr*grad(x - lr*g)", ""),
        ("himmelblau", "x = x - lr*g + 0.01*normal()", ""),
        ("booth", "x = x - newton(g, 1e-6)", ""),
        ("saddle", "m_0 = 1; m = m + g; x = x - lr*m; x_eval = x - lr*m", ""),
        ("cliff", "x = log(-1 - x*x)", ""),
        ("levy", "x = where(t > 9, x - lr*g, x - 2*lr*sign(g))", ""),
        ("trid", "x = x - lr*atan(1/(g - g))", ""),
        ("booth", "x = x - lr*weight_decay*g", "weight_decay=0.5,"),
    )
)
RACES = (
    "",
    ("surface=rosenbrock(b=50)&run=adam(lr=0.02)&run=momentum(momentum=0.95)&start=-1.5,2"
    "&steps=60&noise=0.1&seed=3"),
    ("surface=himmelblau(tilt=0.5)&run=sgd(lr=0.01)&run=momentum&run=rmsprop(lr=0.05)"
    "&run=adam(lr=0.2)&start=0,-3&steps=160"),
    *(
        f"surface={surface}&run={run}&run=adam(lr=0.05)&steps=60&seed={i}"
        for i, (surface, run) in enumerate(
            zip(SURFACES, (*OPTIMIZERS, *OPTIMIZERS[:2]), strict=True)
        )
    ),
    *(
        f"surface=himmelblau&run=sgd(lr=0.01,schedule={one})&run=adam(lr=0.1,schedule={one})"
        "&start=0,-3&steps=50"
        for one in SCHEDULES
    ),
    *(
        f"surface={('rosenbrock', 'beale', 'rastrigin')[i % 3]}&run=sgd(lr=0.002,{knobs})"
        f"&run=adam(lr=0.05,{knobs})&steps=60&seed=5"
        for i, knobs in enumerate((
            "noise=gaussian(scale=0.5)", "noise=heavy_tailed", "noise=none", "clip_value=0.5",
            "noise=minibatch(scale=0.5,batch=4,growth=0.1)", "accumulate=4", "clip_norm=1",
            "weight_decay=0.1", "lookahead=5,lookahead_alpha=0.3", "decoupled_decay=0.05",
            ("noise=gaussian,accumulate=2,clip_value=2,clip_norm=1,weight_decay=0.01,lookahead=4,"
            "decoupled_decay=0.01,schedule=reduce_on_plateau(patience=2)"),
        ))
    ),
    *(
        f"surface={surface}&run=adam(lr=0.05)&run=sgd(lr=0.05)&drift={drift}&steps=80"
        for surface, drift in (
            ("covariate_shift", "jump(at=0.3)"), ("label_shift", "linear(begin=0.2,end=0.7)"),
            ("rotating_classes", "swing"), ("few_examples", "jump"),
            ("swapping_wells(gap=0.5)", "linear"), ("shifted_sharp_minimum(s=0.2)", "swing"),
            ("swapping_wells", "none"),
        )
    ),
    "surface=beale&start=random(n=4)&run=nadam(lr=0.01)&run=rprop&seed=7&steps=40",
    "surface=ackley&start=grid(n=3)&run=radam(lr=0.1)&run=adamax(lr=0.1)&steps=40&tol=0.01",
    "surface=booth&start=ring(n=5,radius=2,x=1)&run=adadelta&run=adagrad&run=asgd&steps=40",
    "surface=branin&start=random(n=300)&run=sgd(lr=0.01)&run=l_bfgs&run=newton&noise=0.2&steps=30",
    "surface=schwefel&start=grid(n=20)&run=adam(lr=5)&steps=25",
    "surface=lasso&start=random(n=64)&run=adam(lr=0.1,schedule=reduce_on_plateau)&steps=60",
    "surface=saddle&run=rmsprop(lr=0.01,centered=true)&start=1e-3,2&steps=40",
    "surface=rosenbrock&run=sgd(lr=1)&run=momentum(lr=0.1)&steps=50&tol=0.5",
    "surface=plateau_cliff(height=5,steepness=4,slope=0.1)&run=sgd(lr=0.3)&steps=150",
    "run=adam&run=sgd&start=ring(n=12)&steps=11000",
    "&".join(f"run=adam(lr={i + 1}e-2)" for i in range(12)) + "&steps=20",
    "surface=bowl&run=sgd(lr=0.1)&steps=1",
    *FORMULAS,
    *RULES,
)  # fmt: skip

TRAININGS = (
    "net=mlp&epochs=2",
    (
        'net=mlp(hidden="8,4",activation=tanh)&data=xor(n=60)&run=sgd(lr=0.1)&run=momentum&epochs=4'
        "&batch=16"
    ),
    'net=mlp(hidden="",loss=squared_error)&data=blobs(n=50,noise=0.3)&init=zeros&run=adam&epochs=5',
    (
        'net=mlp(hidden="8,8",batchnorm=true)&data=moons(n=80)&run=adam(lr=0.02)&run=lamb&seeds=3'
        "&epochs=6&batch=16&seed=4"
    ),
    (
        'net=mlp(hidden="5",batchnorm=true,l2=0.01)&data=sine(n=40,waves=1)&plane=hessian&epochs=3'
        "&batch=2000"
    ),
    'net=mlp(hidden="32,32")&data=digits&run=adam(lr=0.01)&run=sgd(lr=0.1)&epochs=4',
    'net=mlp(hidden="6")&data=moons(n=60)&run=sgd(lr=1000)&run=adam(lr=0.02)&epochs=3&plane=pca(of=1)',
    (
        'net=mlp(hidden="4")&data=xor(n=60)&run=rule(text="v = b*v + g; x = x-lr*v",b=0.5,lr=0.05)'
        "&run=sgd(lr=0.1,schedule=cosine(warmup=3),clip_norm=1,noise=gaussian)&epochs=4&batch=20"
    ),
    *(
        f'net=mlp(hidden="6",activation={ACTIVATIONS[i % 6]},batchnorm={str(i % 3 == 1).lower()})'
        f"&data={data}(n=60)&init={INITS[i]}&run=sgd(lr=0.1)&run=adam(lr=0.02)&run=lion"
        f"&plane={PLANES[(i + 1) % 5]}(height={HEIGHTS[i % 2 if data == 'sine' else i % 3]})"
        f"&epochs=4&batch=16&seed={i}"
        for i, data in enumerate((*DATASETS, "moons", "spirals"))
    ),
    *(
        f'net=mlp(hidden="5")&data=circles(n=60)&init=he_normal&run=adam(lr=0.02)&run=sgd&run=qhm'
        f"&plane={plane}(height={height})&epochs=3"
        for plane in PLANES
        for height in HEIGHTS
    ),
    *(f'net=mlp(hidden="4")&data=xor(n=60)&run={name}&epochs=2&batch=20' for name in TRAINERS),
    'net=mlp(hidden="6",activation=gelu_exact)&data=moons(n=60)&run=sgd(lr=0.1)&epochs=4&batch=16',
)

STUDIES = (
    'width(widths="1,2,4",steps=20,seeds=4)',
    "initialization(depth=3,width=6,steps=20,seeds=3)",
    (
        "initialization(depth=2,width=5,activation=tanh,data=digits(n=60),run=adam,lr=0.01,steps=12,"
        "seeds=2)"
    ),
    'batchnorm(hidden="6,6",rates=3,steps=20,seeds=3,data=moons(n=60),init=he_normal)',
    'optimizers(optimizers="sgd,adam,muon",hidden="6",data=moons(n=60),rates=3,steps=20,seeds=3)',
    *(
        f'shift(shift={kind},hidden="6",steps=20,seeds=3,data=moons(n=60,test=0.5),seed={i})'
        for i, kind in enumerate(SHIFTS)
    ),
)

# Queries of a race that can't be used, raw as they come, and one or two that only look so.
BAD = (
    "steeps=5", "surfase=booth", "surface=boooth", "surface=", "surface", "=5", "run=adamm",
    "run=adam(lr=abc)", "run=adam(lr=-1)", "run=adam(lr=1e99)", "run=adam(lrr=1)", "run=muon",
    "run=adam(lr=0.1,lr=0.2)", "run=adam(lr=0.1", "run=adam)lr(", "run=adam(schedule=cosin)",
    "run=adam(schedule=cosine(warm=3))", "run=adam(schedule=adam)", "run=adam(centered=true)",
    "run=rmsprop(centered=maybe)", "run=adam;lr=1", "steps=0", "steps=2.5", "steps=1e99",
    "steps=20001", "steps=%EF%BC%95", "steps=5&steps=6", "seed=-1", "seed=1e16", "noise=nan",
    "noise=-1", "tol=-1", "tol=inf", "v=2", "v=x", "v=1", "start=1", "start=1,2,3", "start=a,b",
    "start=random(n=0)", "start=random(n=5000)", "start=grid(n=65)", "start=ring(n=3,radius=0)",
    "start=1e9,0", "drift=jump(at=2)", "drift=jump", "surface=formula", "%00", "%ff", "\xff",
    "surface=formula(f=%22x+y%22)", "surface=formula(f=%22%22)", "surface=%F0%9F%98%80",
    "surface=formula(f=%22x%22,bounds=%221,0,0,1%22)", "surface=formula(f=%22a*x%22)", "hide=runs",
    "hide=nothing", "theme=dark", "utm_source=a", "inspect=0,0,1", "line=x", "study=width",
    "surface=booth%00", "surface=booth&&&", "run=<script>alert(1)</script>",
    "surface=../../etc/passwd", "surface=" + "(" * 200, "surface=" + "bowl(curvature=" * 120,
    "run=" + "a" * 7000, "run=" + "a" * 8000, "&".join(["run=sgd"] * 13),
    "&".join(f"steps={i}" for i in range(70)), "start=random(n=4096)&steps=20000",
    "start=random(n=400)&steps=600",
)  # fmt: skip
TOO_LARGE_A_PAGE = (
    "start=random(n=600)&steps=5",
    "net=mlp&seeds=64&epochs=1&" + "&".join(f"run={name}" for name in OPTIMIZERS[4:13]),
)
HOSTILE = (
    "__import__('os').system('x')", "x.__class__", "eval(x)", "lambda: x", "[x for x in y]", "x[0]",
    "x; y", "9**9**9**9", "1/0", "1e999", "1" * 400, "(" * 900 + "x", "sin(" * 900 + "x",
    "x" * 4001, "x" + "+x" * 450, "\u0445**2", "x \u2212 y", "x\x00y", "x\u202e+y", "x +", "2x",
    "sin()", "x < y", "where(x, y)", "x**x**x", "*".join(["x"] * 380), "x" + "**x" * 38,
)  # fmt: skip
HOSTILE_RULES = (
    "f = 1; x = x - g", "y = x", "x += g", "x = x - lr*q", "m_0 = normal(); m = m + g; x = x - m",
    "import os; x = x - g", "x = grad(x).real", "x = axis(3)", "m_0 = m; m = m + g; x = x - m",
    "x = " + "(" * 900 + "x", "; ".join(f"a{k} = g" for k in range(101)) + "; x = x",
)  # fmt: skip
BAD_TRAININGS = (
    "net=mpl", "net=mlp(hiden=%224%22)", "net=mlp(hidden=%22a%22)", "net=mlp(hidden=%22999999%22)",
    "net=mlp(activation=tan)", "net=mlp(loss=cross_entropy)&data=sine", "net=mlp&data=moon",
    "data=moons(n=3)", "data=moons(n=1e9)", "init=he", "plane=pc", "plane=three", "plane=pca(of=3)",
    "plane=line(height=loss)", "epochs=0", "epochs=2001", "batch=0", "seeds=65",
    "net=mlp&run=adamm",
    "net=mlp&run=newton", "net=mlp&surface=booth", "net=mlp&steps=5", "net=mlp&start=0,0",
    "net=mlp(hidden=%2264,64%22)&data=digits(n=1500)&epochs=2000&seeds=64",
    "net=mlp&seeds=64&run=sgd&run=adam&epochs=1", "net=mlp&epochs=1&theme=dark", "epochs=%ff",
    "net=mlp&epochs=1&batch=2000&plane=line", "net=mlp&data=xor(n=60)&run=sgd(lr=0)&epochs=2",
)  # fmt: skip
BAD_STUDIES = (
    "", "study=", "study=nothing", "study=widht", "study=width(", "study=width(seeds=1e99)",
    "study=width(seeds=256,steps=20000)", "study=width(widths=%22a%22)", "run=adam", "%ff",
    "study=width&x=1", "study=width&study=width", "study=initialization(run=newton)",
    "study=optimizers(optimizers=%22sgd,nothing%22)", "study=shift(shift=up)",
    "study=batchnorm(slowest=5,fastest=1)",
)  # fmt: skip
BAD_QUESTIONS = tuple(
    (path, f"surface=booth&steps=20&run=sgd(lr={rate}){own}")
    for path, owns in {
        "/trace.json": ("", "&inspect=", "&inspect=0,0", "&inspect=0,0,21", "&inspect=1,0,1",
                        "&inspect=0,0,1&inspect=0,0,2", "&inspect=a,b,c", "&inspekt=0,0,1"),
        "/profile.json": ("", "&line=", "&line=z", "&line=1,2,3", "&line=1,2,1,2", "&line=x&line=y",
                          "&line=nan,0,1,1", "&line=1e9,0,1e9,1", "&lines=x"),
        "/figures.json": ("&theme=", "&theme=drak", "&theme=dark&theme=dark", "&them=dark"),
    }.items()
    for own in owns
    for rate in ("0.01", "9")
)  # fmt: skip
