"""Printouts of software: documentation, tutorials and issue threads."""

from __future__ import annotations

from nnopt_viz.catalogue.published.record import SINGLE, Record, at

_FLOWER = 'surface=formula(f="hypot(x, y) + sin(4*atan2(y, x))",bounds="-25,25,-25,25")'
_HALVING = "damped_newton(slope=1e-8,shrink=0.5,grow=100)"

RECORDS = (
    Record(
        name="keras_rmsprop",
        title="The first step of RMSprop",
        who="Chollet et al.",
        year=2015,
        work="Keras, API documentation",
        where="RMSprop, Example",
        address="https://keras.io/api/optimizers/rmsprop/",
        shows="The average of squares starts at 0 and has no correction, so the first step is "
        "η/√(1 − ρ) long, about three times η.",
        printout=(
            "opt = RMSprop(learning_rate=0.1), var1 = 10.0, loss = var1**2/2",
            "after opt.minimize(loss, [var1]): 9.683772",
        ),
        query='surface=formula(f="(x**2 + y**2)/2",bounds="-12,12,-6,6")'
        "&run=rmsprop(lr=0.1,alpha=0.9,eps=1e-7)&start=10,0&steps=50",
        figures=at(1, x="9.683772"),
    ),
    Record(
        name="keras_adam",
        title="The first step of Adam",
        who="Chollet et al.",
        year=2015,
        work="Keras, API documentation",
        where="Adam, Usage",
        address="https://keras.io/api/optimizers/adam/",
        shows="With both averages corrected the first step is η long, whatever the gradient.",
        printout=(
            "opt = Adam(learning_rate=0.1), var1 = 10.0, loss = var1**2/2",
            "the first step is -learning_rate*sign(grad): 9.9",
        ),
        query='surface=formula(f="(x**2 + y**2)/2",bounds="-12,12,-6,6")'
        "&run=adam(lr=0.1,eps=1e-7)&start=10,0&steps=50",
        figures=at(1, x="9.9"),
    ),
    Record(
        name="aio_adam",
        title="Adam in the long valley, step by step",
        who="tienhyu",
        year=None,
        work="AIO-Exercise-Module-05",
        where="GitHub, Adam on 0.1 w₁² + 2 w₂² from (-5, -2)",
        address="https://github.com/tienhyu/AIO-Exercise-Module-05",
        shows="Both coordinates set out at the same pace, however different their slopes; then "
        "momentum carries the steep one past its minimum.",
        printout=(
            "train_p1(Adam, lr=0.2, epochs=30)",
            " array([-4.8000002 , -1.80000002]),",
            " array([-4.60025478, -1.60082451]),",
            "...",
            " array([-3.03606592, -0.15249855]),",
            "...",
            " array([-1.46583566,  0.54617144]),",
            "...",
            " array([-0.63179919,  0.3611089 ]),",
        ),
        query='surface=formula(f="0.1*x**2 + 2*y**2",bounds="-6,2,-3,3")'
        "&run=adam(lr=0.2,eps=1e-6)&start=-5,-2&steps=30",
        figures=(
            *at(1, x="-4.8000002", y="-1.80000002"), *at(2, x="-4.60025478", y="-1.60082451"),
            *at(10, x="-3.03606592", y="-0.15249855"), *at(19, x="-1.46583566", y="0.54617144"),
            *at(25, x="-0.63179919", y="0.3611089"),
        ),
    ),
    Record(
        name="pycutest_newton",
        title="Newton's method on Rosenbrock, unguarded",
        who="Fowkes & Roberts",
        year=2018,
        work="PyCUTEst documentation",
        where="Example usage, problem ROSENBR",
        address="https://jfowkes.github.io/pycutest/_build/html/example.html",
        shows="Nothing asks whether the loss falls, and in the second step it does not; near the "
        "minimum each step doubles the number of right digits.",
        printout=(
            "Iteration 0: objective value is 24.2 with norm of gradient 232.868",
            "Iteration 1: objective value is 4.73188 with norm of gradient 4.63943",
            "    at x = [-1.1752809   1.38067416]",
            "Iteration 2: objective value is 1411.85 with norm of gradient 1370.79",
            "    at x = [ 0.76311487 -3.17503385]",
            "Iteration 3: objective value is 0.0559655 with norm of gradient 0.47311",
            "    at x = [0.76342968 0.58282478]",
            "Iteration 4: objective value is 0.313189 with norm of gradient 25.0274",
            "    at x = [0.99999531 0.94402732]",
            "Iteration 5: objective value is 1.85274e-11 with norm of gradient 8.60863e-06",
        ),
        query="surface=rosenbrock&run=newton&start=-1.2,1&steps=20",
        figures=(
            *at(0, f="24.2", slope="232.868"),
            *at(1, f="4.73188", slope="4.63943", x="-1.1752809", y="1.38067416"),
            *at(2, f="1411.85", slope="1370.79", x="0.76311487", y="-3.17503385"),
            *at(3, f="0.0559655", slope="0.47311", x="0.76342968", y="0.58282478"),
            *at(4, f="0.313189", slope="25.0274", x="0.99999531", y="0.94402732"),
            *at(5, f="1.85274e-11", slope="8.60863e-06"),
        ),
    ),
    Record(
        name="ipopt_rosenbrock",
        title="Newton's method on Rosenbrock, with a line search",
        who="Siqueira",
        year=2023,
        work="NLPModelsIpopt.jl tutorial",
        where="Simple problems: Ipopt 3.14.4",
        address="https://jso.dev/tutorials/",
        shows="A step is halved until the loss falls: it takes longer, and it never climbs.",
        printout=(
            "iter    objective     ls",
            "   0  2.4200000e+01    0",
            "   1  4.7318843e+00    1",
            "   2  4.0873987e+00    4",
            "   3  3.2286726e+00    1",
            "   4  3.2138981e+00    1",
            "   5  1.9425854e+00    1",
            "   6  1.6001937e+00    3",
            "  10  4.5262510e-01    2",
            "  19  2.8246695e-07    1",
            "  20  8.5170750e-12    1",
        ),
        query=f"surface=rosenbrock&run={_HALVING}&start=-1.2,1&steps=30",
        figures=(
            *at(0, f="2.4200000e+01"), *at(1, f="4.7318843e+00"), *at(5, f="4.0873987e+00"),
            *at(6, f="3.2286726e+00"), *at(7, f="3.2138981e+00"), *at(8, f="1.9425854e+00"),
            *at(11, f="1.6001937e+00"), *at(16, f="4.5262510e-01"), *at(26, f="2.8246695e-07"),
            *at(27, f="8.5170750e-12"),
        ),
        note="Without constraints Ipopt is Newton's method with a line search. Ours tries one "
        "length a step, so an iteration with ls = 4 is four steps; grow=100 begins each search at "
        "1, as Ipopt does. Only some columns and rows are shown.",
    ),
    Record(
        name="hasktorch_449",
        title="Gradient descent on Rosenbrock, with all digits of the start",
        who="Hashimoto",
        year=2020,
        work="hasktorch, pull request 449",
        where="2D Rosenbrock, GD",
        address="https://github.com/hasktorch/hasktorch/pull/449",
        shows="Whoever prints the start in full lets others repeat the run, years later and in "
        "another language.",
        printout=(
            "Initial :(-0.6629726,-1.3020917)",
            "Iter:   1000 | Loss:0.1094 | Parameters: (0.6695888,0.4467627)",
            "Iter:   2000 | Loss:0.0323 | Parameters: (0.8204302,0.67230713)",
            "Iter:   4000 | Loss:0.0047 | Parameters: (0.9316234,0.8676371)",
        ),
        query="surface=rosenbrock&run=sgd(lr=0.001)&start=-0.6629726,-1.3020917&steps=4000",
        figures=(
            *at(999, f="0.1094"), *at(999, why=SINGLE, x="0.6695888", y="0.4467627"),
            *at(1999, f="0.0323"), *at(1999, why=SINGLE, x="0.8204302", y="0.67230713"),
            *at(3999, f="0.0047", x="0.9316234", y="0.8676371"),
        ),
        note="The thread does not give the rate. It is 0.001: with it torch, in single precision, "
        "gives every digit of it after n − 1 steps.",
    ),
    Record(
        name="mlverse_516",
        title="L-BFGS without a line search leaps off the flower",
        who="Keydana",
        year=2021,
        work="mlverse/torch, issue 516",
        where="‖x‖ + sin(4 atan2(x₂, x₁)) from (20, 20), lr = 1",
        address="https://github.com/mlverse/torch/issues/516",
        shows="Along a petal the gradient hardly changes, so the curvature seems to be almost 0 "
        "and the step almost endless: nothing asks whether the loss falls.",
        printout=(
            "x:  19.42929 19.57071  Loss:  27.56284",
            "x:  18.62183 18.96322  Loss:  26.54142",
            "x:  12.957 14.68274  Loss:  19.33546",
            "x:  5.763702 8.895616  Loss:  9.853705",
            "x:  -1949.697 -1773.551  Loss:  2635.866",
        ),
        query=f"{_FLOWER}&run=l_bfgs(lr=1)&start=20,20&steps=22",
        figures=(
            *at(1, x="19.42929", y="19.57071", f="27.56284"),
            *at(2, x="18.62183", y="18.96322", f="26.54142"),
            *at(9, x="12.957", y="14.68274", f="19.33546"),
            *at(18, why=SINGLE, x="5.763702", y="8.895616", f="9.853705"),
            *at(19, why=SINGLE, x="-1949.697", y="-1773.551", f="2635.866"),
        ),
        note="The leap divides by a difference of two nearly equal gradients, which enlarges their "
        "rounding: in one step most of the digits are lost.",
    ),
    Record(
        name="keydana_rosenbrock",
        title="Gradient descent along a curved valley",
        who="Keydana",
        year=2021,
        work="torch for optimization",
        where="Posit AI blog, “Function minimization, DYI approach”: a = 1, b = 5, lr = 0.01",
        address="https://blogs.rstudio.com/ai/posts/2021-04-22-torch-for-optimization/",
        shows="It takes a thousand steps: on the floor of the valley the slope is nearly nothing.",
        printout=(
            "Iteration:  100  Value is:  0.3502924  Gradient is:  -0.667685 -0.5771312",
            "Iteration:  200  Value is:  0.07398106  Gradient is:  -0.1603189 -0.2532476",
            "Iteration:  1000  Value is:  6.962555e-05  Gradient is:  -0.003222887 -0.006653666",
        ),
        query="surface=rosenbrock(b=5)&run=sgd(lr=0.01)&start=-1,1&steps=1000",
        figures=(
            *at(99, why=SINGLE, f="0.3502924"), *at(99, gx="-0.667685"),
            *at(99, why=SINGLE, gy="-0.5771312"),
            *at(199, why=SINGLE, f="0.07398106", gx="-0.1603189", gy="-0.2532476"),
            *at(999, why=SINGLE, f="6.962555e-05", gx="-0.003222887", gy="-0.006653666"),
        ),
        note="The value printed in iteration n is that before its step: ours after n − 1 steps.",
    ),
    Record(
        name="keydana_strong_wolfe",
        title="L-BFGS with a strong Wolfe search: not here",
        who="Keydana",
        year=2021,
        work="torch for optimization",
        where="Posit AI blog, “L-BFGS with line search”",
        address="https://blogs.rstudio.com/ai/posts/2021-04-22-torch-for-optimization/",
        shows="A search that demands enough fall and enough change of slope reaches the centre.",
        printout=("Value is:  -0.9999999", "X is:  -7.404627e-08 3.066708e-08"),
        note="Our L-BFGS searches no line, and a search that looks up and down a line for Wolfe's "
        "conditions can't be said as a rule of one trial a step. bfgs and damped_newton try one "
        "length a step until the loss falls (Armijo's condition), which gives other numbers.",
    ),
)  # fmt: skip
